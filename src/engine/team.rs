//! Threads of one engine: a pool of its own, so that two engines in one process neither share nor exceed theirs.

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::EngineError;

/// A fixed number of threads.
pub(super) struct Team {
    pool: Option<rayon::ThreadPool>,
}

impl Team {
    /// `threads` threads; one thread is the caller's own.
    pub(super) fn new(threads: usize) -> Result<Self, EngineError> {
        if threads <= 1 {
            return Ok(Self { pool: None });
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("engine-{index}"))
            .build()
            .map_err(|error| EngineError::Threads(error.to_string()))?;
        Ok(Self { pool: Some(pool) })
    }

    pub(super) fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Calls `work` for every number below `parts`, in any order and at the same time.
    pub(super) fn run(&self, parts: usize, work: impl Fn(usize) + Sync) {
        match &self.pool {
            Some(pool) if parts > 1 => pool.install(|| (0..parts).into_par_iter().with_max_len(1).for_each(&work)),
            _ => (0..parts).for_each(work),
        }
    }

    /// Calls `work` `count` times at once, each with a part of this team, on no other threads than the team's own.
    pub(super) fn workers<R: Send>(&self, count: usize, work: impl Fn(&Self) -> R + Sync) -> Vec<R> {
        let Some(pool) = self.pool.as_ref().filter(|_| count > 1) else {
            return (0..count).map(|_| work(self)).collect();
        };
        let alone = Self { pool: None };
        // Fewer workers than threads share the threads that are left over.
        let part = if count < self.threads() { self } else { &alone };
        pool.install(|| (0..count).into_par_iter().with_max_len(1).map(|_| work(part)).collect())
    }

    /// Cuts `0..count` into at most `per_thread` ranges a thread, each of at least `least`, and calls `work` for each.
    pub(super) fn ranges(&self, count: usize, least: usize, work: impl Fn(std::ops::Range<usize>) + Sync) {
        const PER_THREAD: usize = 4;
        let parts = if self.pool.is_none() {
            1
        } else {
            (self.threads() * PER_THREAD).min(count / least.max(1)).max(1)
        };
        self.run(parts, |part| work(count * part / parts..count * (part + 1) / parts));
    }
}

/// A slice that several threads write to, each at places of its own.
pub(super) struct Shared<'a, T> {
    start: *mut T,
    length: usize,
    owner: std::marker::PhantomData<&'a mut [T]>,
}

// SAFETY: `Shared` only hands out elements through `slice`, whose callers keep the ranges apart.
#[allow(unsafe_code)]
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    pub(super) fn new(slice: &'a mut [T]) -> Self {
        Self {
            start: slice.as_mut_ptr(),
            length: slice.len(),
            owner: std::marker::PhantomData,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The elements of `range`.
    ///
    /// # Safety
    /// While the result lives, no other call may ask for an overlapping range.
    ///
    /// # Panics
    /// When the range lies outside of the slice.
    #[allow(unsafe_code, clippy::mut_from_ref)]
    pub(super) unsafe fn slice(&self, range: std::ops::Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: the range lies within the slice that `self` borrows mutably, and the caller keeps ranges apart.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }
}
