/* Formatting: what bide_strf makes of printf's conversions is what the C library makes of them, and
 * floats are written as Python writes them.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* Compares bide_strf with snprintf, which is right in the C locale. */
#define CHECK_FORMAT(...)                                                                          \
    do {                                                                                           \
        char wanted[4096];                                                                         \
        snprintf(wanted, sizeof wanted, __VA_ARGS__);                                              \
        check_text(__LINE__, bide_strf(__VA_ARGS__), wanted);                                      \
    } while (0)

static void check_text(int line, bide_value got, const char *wanted)
{
    if (bide_failed(got))
        check__fail(__FILE__, line, "nothing was formatted");
    else
        check__str(__FILE__, line, "text", bide_cstr(got), wanted);
    bide_drop(got);
}

static void test_plain_conversions(void)
{
    CHECK_FORMAT("plain");
    CHECK_FORMAT("%s and %s, 100%%", "one", "");
    CHECK_FORMAT("%d %d %d", 0, INT32_MIN, INT32_MAX);
    CHECK_FORMAT("%u %zu", UINT32_MAX, (size_t)SIZE_MAX);
    CHECK_FORMAT("%lld %lld", (long long)INT64_MIN, (long long)INT64_MAX);
    const char *volatile none = NULL;
    check_text(__LINE__, bide_strf("%s", none), "(null)");
}

static void test_integers(void)
{
    static const int values[] = {0, 1, -1, 42, -12345, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int v = values[i];
        CHECK_FORMAT("%5d|%-5d|%05d|%+d|% d|%.3d|%8.3d|%-8.3d|%+08d", v, v, v, v, v, v, v, v, v);
        CHECK_FORMAT("%x|%X|%#x|%#X|%o|%#o|%08x|%#010x|%.5x|%#.3o", v, v, v, v, v, v, v, v, v, v);
        CHECK_FORMAT("%hd|%hhd|%hu|%hhu|%i", (short)v, (signed char)v, (unsigned short)v,
                     (unsigned char)v, v);
        CHECK_FORMAT("%ld|%lu|%jd|%td|%zx", (long)v, (unsigned long)v, (intmax_t)v, (ptrdiff_t)v,
                     (size_t)v);
        CHECK_FORMAT("%*d|%-*d|%.*d", 7, v, 7, v, 4, v);
        CHECK_FORMAT("%*d", -7, v);
    }
    CHECK_FORMAT("[%.0d]", 0);
    CHECK_FORMAT("%llx %llu", ~0ull, ~0ull);
}

static void test_strings(void)
{
    CHECK_FORMAT("[%8s][%-8s][%.2s][%8.2s][%.0s]", "text", "text", "text", "text", "text");
    CHECK_FORMAT("[%c][%3c][%-3c]", 'a', 'b', 'c');
    CHECK_FORMAT("%.*s", 3, "unterminated");
    CHECK_FORMAT("%0300d %s", 7, "longer than what fits at first");
}

static const double values[] = {0.0,
                                -0.0,
                                1.0,
                                -1.5,
                                0.1,
                                0.5,
                                1.5,
                                2.5,
                                9.5,
                                99.95,
                                999998.5,
                                1e5,
                                123456.0,
                                1234567.0,
                                0.0001,
                                0.00001234,
                                1e16,
                                1e22,
                                1e23,
                                123456789012345680.0,
                                3.141592653589793,
                                2.2250738585072014e-308,
                                5e-324,
                                1.7976931348623157e308,
                                4.9406564584124654e-320,
                                0x1p-44,
                                0x1p53,
                                0x1p63,
                                8.5,
                                0.125,
                                0.375};

static void check_float(double v)
{
    CHECK_FORMAT("%f|%e|%g|%F|%E|%G", v, v, v, v, v, v);
    CHECK_FORMAT("%.0f|%.1f|%.2f|%.17f|%.0e|%.1e|%.16e|%.0g|%.1g|%.17g", v, v, v, v, v, v, v, v, v,
                 v);
    CHECK_FORMAT("%12.3f|%-12.3f|%012.3f|%+.2f|% .2f|%#.0f|%#g|%#.3g|%#.0e", v, v, v, v, v, v, v, v,
                 v);
    CHECK_FORMAT("%14.4e|%-14.4g|%+014.4g|%.*f", v, v, v, 3, v);
}

static void test_floats(void)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_float(values[i]);
        check_float(-values[i]);
    }
    CHECK_FORMAT("%f %F %8.2e %-8g| %08f %+f", INFINITY, INFINITY, INFINITY, INFINITY, INFINITY,
                 -INFINITY);
    CHECK_FORMAT("%f %G %8f %08f", (double)NAN, (double)NAN, (double)NAN, (double)NAN);
}

/* Doubles whose bits come from a linear congruential generator. */
static double any_double(uint64_t *seed)
{
    double f;
    do {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = *seed ^ *seed >> 29;
        memcpy(&f, &bits, sizeof f);
    } while (!(fabs(f) <= DBL_MAX)); /* isfinite() of mingw-w64 converts */
    return f;
}

static double power_of_two(int n)
{
    double f = 1;
    for (; n > 0; n--)
        f *= 2;
    for (; n < 0; n++)
        f /= 2;
    return f;
}

static void test_any_floats(void)
{
    uint64_t seed = 1;
    for (int i = 0; i < 300; i++) {
        double f = any_double(&seed);
        CHECK_FORMAT("%.17g %g %e %.3e", f, f, f, f);
        f = (double)(int64_t)(seed >> 20) / 1024 / 1024;
        CHECK_FORMAT("%f %.2f %g %.10g", f, f, f, f);
        f = (double)(i - 150) / 8;
        CHECK_FORMAT("%f %.0f %.1f %.2f %.3g", f, f, f, f, f);
    }
}

static void check_repr(double f, const char *wanted)
{
    check_text(__LINE__, bide_repr(bide_float(f)), wanted);
}

/* The right column is what CPython prints. */
static void test_repr(void)
{
    check_repr(0.0, "0.0");
    check_repr(-0.0, "-0.0");
    check_repr(0.1 + 0.2, "0.30000000000000004");
    check_repr(1e15, "1000000000000000.0");
    check_repr(1e16, "1e+16");
    check_repr(123456789012345680.0, "1.2345678901234568e+17");
    check_repr(0.0001, "0.0001");
    check_repr(0.00001, "1e-05");
    check_repr(1.5e-7, "1.5e-07");
    check_repr(5e-324, "5e-324");
    check_repr(1.7976931348623157e308, "1.7976931348623157e+308");
    check_repr(2.2250738585072014e-308, "2.2250738585072014e-308");
    check_repr(0x1p-44, "5.684341886080802e-14");
    check_repr(0x1p-1022 * 2, "4.450147717014403e-308");
    check_repr(9007199254740993.0, "9007199254740992.0");
    check_repr(1e23, "1e+23");
    check_repr(9.5367431640625e-07, "9.5367431640625e-07");
    check_repr((double)NAN, "nan");
    check_repr(-INFINITY, "-inf");
}

/* The shortest text that reads back the same: one digit less does not. */
static void test_repr_reads_back(void)
{
    uint64_t seed = 7;
    for (int i = 0; i < 500; i++) {
        double f = i % 4 ? any_double(&seed) : power_of_two(i - 250);
        bide_value v = bide_repr(bide_float(f));
        char text[40], *e;
        snprintf(text, sizeof text, "%s", bide_cstr(v));
        CHECK(strtod(text, NULL) == f);
        bide_drop(v);
        e = strchr(text, 'e');
        int digits = 0;
        for (const char *at = text; *at && at != e; at++)
            digits += *at >= '0' && *at <= '9';
        if (e && digits > 1) {
            snprintf(text, sizeof text, "%.*e", digits - 2, f);
            CHECK(strtod(text, NULL) != f);
        }
    }
}

static void test_unknown_conversions(void)
{
    const char *volatile format = "%n";
    bide_value v = BIDE_NONE;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    CHECK_INT(bide_format(&v, format), BIDE_RAISED);
#pragma GCC diagnostic pop
    CHECK(bide_catch(BIDE_ValueError, NULL));
    CHECK(bide_is_none(v));
}

static void test_without_memory(void)
{
    for (size_t n = 1; n <= 3; n++) {
        bide_debug_fail_allocation(n);
        bide_value v = bide_strf("%0200d %.300f", 1, 1e300);
        bide_debug_fail_allocation(0);
        CHECK(bide_failed(v));
        CHECK(bide_catch(BIDE_MemoryError, NULL));
    }
}

int main(void)
{
    RUN(test_plain_conversions);
    RUN(test_integers);
    RUN(test_strings);
    RUN(test_floats);
    RUN(test_any_floats);
    RUN(test_repr);
    RUN(test_repr_reads_back);
    RUN(test_unknown_conversions);
    RUN(test_without_memory);
    return check_end();
}
