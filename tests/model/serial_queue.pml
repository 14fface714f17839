/* One peer's bundles of one direction on their way through rx, crypto and tx lcores: the serial queue
 * (dataplane/serial_queue.h), the ready protocol (dataplane/ready.h, bundling.h) and a bundle's state
 * (dataplane/bundle.h), one atomic access for one step. check.sh lets spin walk through all interleavings.
 *
 * Held in each: bundles leave in the order of their counters, none twice; a bundle is never touched by
 * whoever does not own it, nor after it was freed; the ready ring has room; and at the end all have left and
 * are free again, so no completion was missed (an end in which somebody still waits is an error).
 *
 * Not in it: weak memory (spin's accesses are sequentially consistent; the thread sanitizer and
 * tests/pressure look at the real ones), keypairs and staging.
 *
 * Each BREAK_... undoes one thing that the code insists on: check.sh sees that spin misses it.
 */

#ifndef RX
#define RX 2        /* rx lcores, */
#endif
#ifndef EACH
#define EACH 2      /* each of which links so many bundles */
#endif
#ifndef CRYPTO
#define CRYPTO 2    /* crypto lcores */
#endif
#ifndef POOL
#define POOL 3      /* bundles: places are used again */
#endif
#ifndef REFUSALS
#define REFUSALS 1  /* times that the port has no room */
#endif
#define TOTAL (RX * EACH)
#define BUDGET 2    /* kBudget of release.cpp */
#define NONE POOL   /* kNoBundle */

/* Bundle::State, and who owns it: in_pool and filling are not written down in the code. */
mtype = { in_pool, filling, pending, done, dead, drained };

mtype state[POOL] = in_pool;
byte next[POOL] = NONE;     /* Bundle::next */
byte counter_of[POOL];      /* Bundle::first_counter */

byte tail = NONE;           /* SerialWord: its low half, */
byte counter = 0;           /* and its high half */
byte head = NONE;           /* SerialQueue::head_ */
bool raised = false;        /* ReadyFlag */

chan crypto_ring = [1] of { byte };  /* Dataplane::crypto; smaller than what may come */
chan ready_ring = [1] of { bit };    /* TxStage::ready: a place for each peer and direction */

byte free = POOL;
byte left = 0;              /* bundles released */
byte finished_rx = 0;

/* BundlePool::take, Bundle::reset. Whoever finds none drops its packets: here it waits, which allows more. */
inline take(b) {
    atomic {
        free > 0;
        free--;
        b = 0;
        do
        :: state[b] == in_pool -> break
        :: else -> b++
        od;
        next[b] = NONE;
        state[b] = filling
    }
}

/* SerialWord::compare_exchange: a 16-byte compare-and-swap. */
inline exchange_word(did, from_tail, from_counter, to_tail, to_counter) {
    d_step {
        did = (tail == from_tail && counter == from_counter);
        if
        :: did -> tail = to_tail; counter = to_counter
        :: else
        fi
    }
}

/* ReadySignals::signal(): ReadyFlag::raise, and push if it was down (at once here, with others there). */
inline signal() {
    d_step { was_raised = raised; raised = true };
    if
    :: !was_raised ->
        assert(nfull(ready_ring));  /* it can't be refused */
        ready_ring!0
    :: else
    fi
}

/* An rx lcore. */
proctype rx() {
    byte n = 0, bundle = NONE, seen_tail, seen_counter;
    bool ok, was_raised;
    do
    :: n < EACH ->
        take(bundle);
        do
        ::  /* SerialWord::glance: the halves may be of different moments */
            seen_tail = tail;
            seen_counter = counter;
            d_step { counter_of[bundle] = seen_counter; state[bundle] = pending };
            exchange_word(ok, seen_tail, seen_counter, bundle, seen_counter + 1);
            if
            :: ok -> break
            :: else
            fi
        od;
        /* the rest of SerialQueue::link; here a producer may be preempted */
        if
        :: seen_tail == NONE -> head = bundle
        :: else ->
            d_step {
                assert(state[seen_tail] != in_pool && state[seen_tail] != filling);
                next[seen_tail] = bundle
            }
        fi;
        /* submit_collected */
        if
        :: atomic { nfull(crypto_ring) -> crypto_ring!bundle }
        :: atomic { full(crypto_ring) -> assert(state[bundle] == pending); state[bundle] = dead };
            signal()
        fi;
        d_step { n++; bundle = NONE; seen_tail = 0; seen_counter = 0; ok = 0; was_raised = 0 }
    :: else -> break
    od;
    finished_rx++
}

/* A crypto lcore: crypto_stage.cpp. */
proctype crypto() {
    byte bundle;
    bool was_raised;
end:
    do
    :: crypto_ring?bundle ->
#ifdef BREAK_SIGNAL_BEFORE_STATE
        signal();
        state[bundle] = done;
#else
        /* finish(): the state first, then the signal */
        d_step { assert(state[bundle] == pending); state[bundle] = done };
        signal();
#endif
        d_step { bundle = 0; was_raised = 0 }
    od
}

/* BundlePool::give */
inline give(b) {
    d_step { assert(state[b] == drained); state[b] = in_pool; free++ }
}

/* SerialQueue::retire of the emptied head. */
inline retire() {
    following = next[at];
    if
    :: following == NONE ->
        seen_tail = tail;
        seen_counter = counter;
        if
        :: seen_tail == at ->
#ifndef BREAK_TAIL_BEFORE_HEAD
            head = NONE;  /* the head goes first */
#endif
            do
            :: seen_tail == at ->
                exchange_word(ok, seen_tail, seen_counter, NONE, seen_counter);
                if
                :: ok -> break
                :: else -> seen_tail = tail; seen_counter = counter
                fi
            :: else -> break
            od;
            if
            :: ok ->
#ifdef BREAK_TAIL_BEFORE_HEAD
                head = NONE;
#endif
                husk = false
            :: else -> head = at
            fi
        :: else
        fi;
        if
        :: husk -> following = next[at]
        :: else
        fi
    :: else
    fi;
    if
    :: husk && following != NONE -> head = following; husk = false
    :: else
    fi;
    if
    :: !husk -> give(at)
    :: else
    fi;
    d_step { seen_tail = 0; seen_counter = 0; ok = false; following = NONE }
}

/* The peer's tx lcore: drain_ready() of tx.cpp, release_queue() of release.cpp. */
proctype tx() {
    byte at = NONE, i, following, seen_tail, seen_counter, refusals = 0;
    bool husk = false, ok = false, was_raised, rearm;
end:
    do
    :: ready_ring?_ ->
#ifndef BREAK_LOWER_AFTER_DRAIN
        raised = false;  /* ReadyFlag::lower, before the drain */
#endif
        i = 0;
        rearm = true;
        do
        :: i == BUDGET -> break
        :: i < BUDGET ->
            /* SerialQueue::head */
            at = head;
            do
            :: at != NONE && husk ->
                retire();
                if
                :: husk -> at = NONE
                :: else -> at = head
                fi
            :: else -> break
            od;
            if
            :: at == NONE -> rearm = false; break
            :: else
            fi;
            if
            :: state[at] == pending -> rearm = false; break
            :: else -> assert(state[at] == done || state[at] == dead)
            fi;
            /* release_bundle */
            if
            :: refusals < REFUSALS -> refusals++; break
            :: d_step {
                   assert(counter_of[at] == left);  /* order, none lost, none twice */
                   left++;
                   state[at] = drained
               }
            fi;
            /* SerialQueue::pop */
            husk = true;
#ifdef BREAK_FREE_AT_ONCE
            d_step { head = next[at]; husk = false };
            give(at);
#else
            retire();
#endif
            i++
        od;
#ifdef BREAK_LOWER_AFTER_DRAIN
        raised = false;
#endif
#ifndef BREAK_NO_REARM
        if
        :: rearm -> signal()
        :: else
        fi;
#endif
        skip;
        d_step { at = NONE; i = 0; rearm = false; was_raised = false }
    od
}

/* When nobody can do anything any more, everything has left and is free. */
proctype end_of_it() {
    timeout;
    assert(finished_rx == RX);
    assert(left == TOTAL);
    assert(head == NONE && tail == NONE);
    assert(free == POOL)
}

init {
    atomic {
        byte n = 0;
        do
        :: n < RX -> run rx(); n++
        :: else -> break
        od;
        n = 0;
        do
        :: n < CRYPTO -> run crypto(); n++
        :: else -> break
        od;
        run tx();
        run end_of_it()
    }
}
