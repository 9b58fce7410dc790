;; switch.wat - what C cannot say: the instructions of the stack-switching proposal. finish.mjs
;; joins this module to every program that was built for it.
;;
;; A fiber's continuation is kept in a table while it is suspended, at the number of its block.
;; When the fiber ends, the continuation waits in another table for the next fiber: it takes an
;; engine a hundred times longer to make a stack than to switch to one.
;;
;; SPDX-License-Identifier: MIT
(module
  (type $body (func (param i32)))
  (type $ready (cont $body)) ;; one that waits to be given a fiber
  (type $rest (func))
  (type $suspended (cont $rest))

  (import "program" "bide_fiber_body" (func $body (type $body)))
  (global (export "bide_stack_switching") i32 (i32.const 1)) ;; by this load() knows the backend
  (tag $suspend)
  (tag $next (result i32)) ;; the fiber has ended: which is next?
  (tag $discard)
  (table $fibers 0 (ref null $suspended))
  (table $waiting 4096 (ref null $ready))
  (global $waiting_count (mut i32) (i32.const 0))

  ;; The first function on every stack.
  (func $run_fibers (type $body) (param $fiber i32)
    (loop $again
      (block $ended
        (try_table (catch $discard $ended)
          (call $body (local.get $fiber))))
      (if (i32.lt_u (global.get $waiting_count) (table.size $waiting))
        (then
          (local.set $fiber (suspend $next))
          (br $again)))))

  (func $keep (param $ready (ref $ready))
    (table.set $waiting (global.get $waiting_count) (local.get $ready))
    (global.set $waiting_count (i32.add (global.get $waiting_count) (i32.const 1))))

  ;; Its answer is never null, but must not be typed so: V8 14.6 fails to compile a resume whose
  ;; operand went through ref.as_non_null.
  (func $take (result (ref null $ready))
    (if (i32.eqz (global.get $waiting_count))
      (then (return (cont.new $ready (ref.func $run_fibers)))))
    (global.set $waiting_count (i32.sub (global.get $waiting_count) (i32.const 1)))
    (table.get $waiting (global.get $waiting_count))
    (table.set $waiting (global.get $waiting_count) (ref.null $ready)))

  ;; Makes room for `count` more continuations; -1 if there is no memory.
  (func (export "bide_fibers_grow") (param $count i32) (result i32)
    (table.grow $fibers (ref.null $suspended) (local.get $count)))

  ;; Runs a fiber from its start: 1 if it suspends, 0 if it ends.
  (func (export "bide_fiber_start") (param $number i32) (param $fiber i32) (result i32)
    (block $on_next (result (ref $ready))
      (table.set $fibers
        (local.get $number)
        (block $on_suspend (result (ref $suspended))
          (resume $ready (on $suspend $on_suspend) (on $next $on_next)
            (local.get $fiber)
            (call $take))
          (return (i32.const 0))))
      (return (i32.const 1)))
    (call $keep)
    (i32.const 0))

  ;; Runs it from where it was suspended. One that ends leaves nothing in its place.
  (func (export "bide_fiber_continue") (param $number i32) (result i32)
    (block $ended
      (block $on_next (result (ref $ready))
        (table.set $fibers
          (local.get $number)
          (block $on_suspend (result (ref $suspended))
            (resume $suspended (on $suspend $on_suspend) (on $next $on_next)
              (table.get $fibers (local.get $number)))
            (br $ended)))
        (return (i32.const 1)))
      (call $keep))
    (table.set $fibers (local.get $number) (ref.null $suspended))
    (i32.const 0))

  (func (export "bide_fiber_leave")
    (suspend $suspend))

  ;; Ends it where it is suspended: its frames go as if an exception passed that no C catches, so
  ;; that the stack is free at once, rather than when the engine collects garbage.
  (func (export "bide_fiber_discard") (param $number i32)
    (block $ended
      (block $on_next (result (ref $ready))
        (resume_throw $suspended $discard (on $next $on_next)
          (table.get $fibers (local.get $number)))
        (br $ended))
      (call $keep))
    (table.set $fibers (local.get $number) (ref.null $suspended))))
