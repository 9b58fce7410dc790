/* parcel.h - parcels that are read more than once.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_OBJECT_PARCEL_H
#define BIDE_OBJECT_PARCEL_H

#include <bide/parcel.h>

/* What bide_parcel_open gives; the parcel (borrowed) stays as it is. Several threads may do so. */
bide_value bide__parcel_copy(const bide_parcel *parcel);
/* Whether v (borrowed) can be packed; raises nothing. */
bool bide__crosses(bide_value v);

#endif
