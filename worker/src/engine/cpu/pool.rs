//! Threads that share the work of one parallel region at a time.
//!
//! Made for machines that do other things as well. The caller takes work too, and at the end waits only
//! for threads that have begun a part: a thread that the system did not run in time is simply not needed.
//! Idle threads spin for some microseconds, then sleep.

use std::cell::{Cell, UnsafeCell};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread::Thread;

/// Checks of an idle thread before it sleeps: some 50 microseconds.
const SPINS: u32 = 10_000;
/// Parts that each thread takes on average, so that a slow one holds up little.
const PARTS: usize = 8;
/// Set while threads may still join the region.
const OPEN: u64 = 1 << 31;
/// The number of threads inside the region.
const ACTIVE: u64 = OPEN - 1;

/// What limits the threads of every pool in this process: ours, rayon's and the tensor library's.
const LIMITS: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

static POOL: OnceLock<Pool> = OnceLock::new();

/// Threads that may work in a region, the caller's own included.
static WANTED: AtomicUsize = AtomicUsize::new(usize::MAX);

thread_local! {
    /// Set on pool threads and on callers inside a region: what they start runs on the spot.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Limits the threads that computing uses, the caller's own included; call it first thing in `main`, as
/// pools look at the limit only when they start.
pub fn limit_threads(count: usize) {
    for variable in LIMITS {
        std::env::set_var(variable, count.max(1).to_string());
    }
}

/// Threads that computing uses: as limited, else all cores of a small machine and all but one of others.
pub fn threads() -> usize {
    let limit = std::env::var(LIMITS[0])
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|limit| *limit > 0);
    limit.unwrap_or_else(
        || match std::thread::available_parallelism().map_or(1, usize::from) {
            cores @ 0..=2 => cores,
            cores => cores - 1,
        },
    )
}

/// From now on at most `count` threads work in a region, however many the pool has. Results are the same; for
/// measuring with fewer threads in one process.
pub fn use_threads(count: usize) {
    WANTED.store(count.max(1), Ordering::Relaxed);
}

/// Runs `work` over ranges that together are `0..units`.
pub fn run<F: Fn(Range<usize>) + Sync>(units: usize, work: F) {
    if units > 1 && !INSIDE.get() && WANTED.load(Ordering::Relaxed) > 1 {
        let pool = POOL.get_or_init(|| Pool::new(threads() - 1));
        // Somebody else's region runs: their threads are busy anyway.
        if let Ok(_guard) = pool.caller.try_lock() {
            return pool.run(units, &work);
        }
    }
    if units > 0 {
        work(0..units);
    }
}

#[derive(Clone, Copy)]
struct Region {
    call: unsafe fn(*const (), Range<usize>),
    work: *const (),
    units: usize,
    part: usize,
}

struct Shared {
    /// Generation (upper half), [`OPEN`], [`ACTIVE`].
    state: AtomicU64,
    cursor: AtomicUsize,
    /// Threads that may be inside beside the caller.
    helpers: AtomicU64,
    panicked: AtomicBool,
    region: UnsafeCell<Region>,
}

// SAFETY: `region` is written by the one caller while no thread is active, and read by threads only
// after they joined through `state`, which orders the two.
unsafe impl Sync for Shared {}

struct Pool {
    shared: &'static Shared,
    sleepers: Vec<Thread>,
    caller: Mutex<()>,
}

unsafe fn call<F: Fn(Range<usize>)>(work: *const (), range: Range<usize>) {
    (*work.cast::<F>())(range)
}

unsafe fn nothing(_: *const (), _: Range<usize>) {}

impl Pool {
    fn new(extra: usize) -> Self {
        let shared: &'static Shared = Box::leak(Box::new(Shared {
            state: AtomicU64::new(0),
            cursor: AtomicUsize::new(0),
            helpers: AtomicU64::new(0),
            panicked: AtomicBool::new(false),
            region: UnsafeCell::new(Region {
                call: nothing,
                work: std::ptr::null(),
                units: 0,
                part: 1,
            }),
        }));
        let start = |i: usize| {
            std::thread::Builder::new()
                .name(format!("compute-{i}"))
                .spawn(|| shared.serve())
        };
        // Fewer threads than wished for are slower, not wrong.
        let sleepers = (0..extra)
            .map_while(|i| start(i).ok())
            .map(|handle| handle.thread().clone())
            .collect();
        Self {
            shared,
            sleepers,
            caller: Mutex::new(()),
        }
    }

    fn run<F: Fn(Range<usize>) + Sync>(&self, units: usize, work: &F) {
        let shared = self.shared;
        let helpers = self.sleepers.len().min(WANTED.load(Ordering::Relaxed) - 1);
        let part = units.div_ceil((helpers + 1) * PARTS);
        // SAFETY: the caller's lock is held and no thread is active since the last region was closed.
        unsafe {
            *shared.region.get() = Region {
                call: call::<F>,
                work: (work as *const F).cast(),
                units,
                part,
            };
        }
        shared.cursor.store(0, Ordering::Relaxed);
        shared.helpers.store(helpers as u64, Ordering::Relaxed);
        let generation = (shared.state.load(Ordering::Relaxed) >> 32).wrapping_add(1);
        shared.state.store(generation << 32 | OPEN, Ordering::Release);
        self.sleepers[..helpers].iter().for_each(Thread::unpark);

        // Closes the region even when `work` panics: `work` must outlive every thread that uses it.
        struct Close<'a>(&'a Shared);
        impl Drop for Close<'_> {
            fn drop(&mut self) {
                INSIDE.set(false);
                self.0.state.fetch_and(!OPEN, Ordering::AcqRel);
                let mut spins = 0u32;
                while self.0.state.load(Ordering::Acquire) & ACTIVE != 0 {
                    spins += 1;
                    match spins < SPINS {
                        true => std::hint::spin_loop(),
                        false => std::thread::yield_now(),
                    }
                }
            }
        }
        let close = Close(shared);
        INSIDE.set(true);
        shared.take_parts();
        drop(close);
        if shared.panicked.swap(false, Ordering::Relaxed) {
            panic!("a computing thread panicked");
        }
    }
}

impl Shared {
    fn take_parts(&self) {
        // SAFETY: the region does not change while somebody is inside it.
        let Region {
            call,
            work,
            units,
            part,
        } = unsafe { *self.region.get() };
        loop {
            let start = self.cursor.fetch_add(part, Ordering::Relaxed);
            if start >= units {
                return;
            }
            // SAFETY: `work` is the caller's closure of the type that `call` was made for.
            unsafe { call(work, start..units.min(start + part)) };
        }
    }

    fn serve(&self) {
        INSIDE.set(true);
        let mut done = 0;
        let mut spins = 0;
        loop {
            let state = self.state.load(Ordering::Acquire);
            let full = || state & ACTIVE >= self.helpers.load(Ordering::Relaxed);
            if state & OPEN == 0 || state >> 32 == done || full() {
                spins += 1;
                if spins < SPINS {
                    std::hint::spin_loop();
                } else {
                    // An unpark in between is remembered, so no region is slept through.
                    std::thread::park();
                    spins = 0;
                }
                continue;
            }
            let joined = self
                .state
                .compare_exchange(state, state + 1, Ordering::AcqRel, Ordering::Relaxed);
            if joined.is_err() {
                continue;
            }
            done = state >> 32;
            spins = 0;
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.take_parts())).is_err() {
                self.panicked.store(true, Ordering::Relaxed);
            }
            self.state.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pool_should_do_every_unit_once_when_called_from_many_threads() {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for units in [0, 1, 2, 7, 100, 1_000] {
                        let counts: Vec<AtomicUsize> = (0..units).map(|_| AtomicUsize::new(0)).collect();
                        run(units, |range| {
                            run(2, |_| {});
                            for unit in range {
                                counts[unit].fetch_add(1, Ordering::Relaxed);
                            }
                        });
                        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
                    }
                });
            }
        });
    }
}
