//! Whether this process is still the one that it was: what must be used once must not be used by a copy as well.

use core::num::NonZeroU64;

/// A number that no copy of this process has, once it asks: it changes in the child after `fork`, and never else. `None`
/// where the system cannot say so.
///
/// On Linux (4.14 and later) the kernel gives a child one page empty (`MADV_WIPEONFORK`), however the child was made. A
/// process number would not do: numbers are used again, and the first process of every container has the same.
pub(crate) fn generation() -> Option<NonZeroU64> {
    #[cfg(all(target_os = "linux", not(miri)))]
    return linux::generation();
    // Where there is no `fork`, there is one generation.
    #[cfg(not(all(target_os = "linux", not(miri))))]
    return if cfg!(unix) { None } else { Some(NonZeroU64::MIN) };
}

#[cfg(all(target_os = "linux", not(miri)))]
#[allow(unsafe_code)]
mod linux {
    use core::{
        num::NonZeroU64,
        ptr,
        sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering},
    };

    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

    /// The beginning of the page: the generation, or zero in a child that has not asked yet. Null before anyone asked.
    ///
    /// No lock: a child must not wait for a thread that it does not have.
    static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());
    /// The kernel rounds it up to a page, whatever a page is.
    const LEN: usize = size_of::<AtomicU64>();
    /// The system has no such page.
    static REFUSED: AtomicBool = AtomicBool::new(false);
    /// The highest generation that this process or one it comes from had.
    static LAST: AtomicU64 = AtomicU64::new(0);

    pub(super) fn generation() -> Option<NonZeroU64> {
        let mut page = PAGE.load(Ordering::Acquire);
        if page.is_null() {
            page = map()?;
        }
        // SAFETY: PAGE is null or what `map` stored there, a mapped page that is never unmapped again: aligned, as long
        // as the program, and zero or a number written by this module, through atomics only.
        let word = unsafe { &*page };
        match NonZeroU64::new(word.load(Ordering::Acquire)) {
            None => begin(word),
            generation => generation,
        }
    }

    /// The next generation. Of two threads one is first; the other takes what that one wrote.
    #[cold]
    fn begin(word: &AtomicU64) -> Option<NonZeroU64> {
        let next = LAST.fetch_add(1, Ordering::AcqRel) + 1;
        let before = word.compare_exchange(0, next, Ordering::AcqRel, Ordering::Acquire);
        NonZeroU64::new(before.map_or_else(|first| first, |_| next))
    }

    #[cold]
    fn map() -> Option<*mut AtomicU64> {
        if REFUSED.load(Ordering::Relaxed) {
            return None;
        }
        let (rights, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
        // SAFETY: a mapping where the kernel finds room replaces none.
        let mapped = unsafe { mmap_anonymous(ptr::null_mut(), LEN, rights, flags) };
        let Ok(page) = mapped else {
            REFUSED.store(true, Ordering::Relaxed);
            return None;
        };
        // Linux refuses to remove what no file holds. An emulator that takes every advice for a hint agrees, and would
        // agree to the next without doing it.
        // SAFETY: the page just mapped, which nobody else knows and nobody has written: at worst it stays empty.
        let believable = unsafe { madvise(page, LEN, Advice::LinuxRemove) }.is_err();
        // SAFETY: the same page; the advice changes nothing in this process.
        let advised = believable && unsafe { madvise(page, LEN, Advice::LinuxWipeOnFork) }.is_ok();
        let page = page.cast::<AtomicU64>();
        let null = ptr::null_mut();
        let stored = if advised {
            PAGE.compare_exchange(null, page, Ordering::AcqRel, Ordering::Acquire)
        } else {
            REFUSED.store(true, Ordering::Relaxed);
            Err(null)
        };
        let Err(first) = stored else { return Some(page) };
        // SAFETY: the page just mapped: it was not stored, so nobody has it. That it may stay mapped if this fails is no harm.
        let _ = unsafe { munmap(page.cast(), LEN) };
        (!first.is_null()).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_stays_the_same_in_one_process() {
        let first = generation();
        let threads = [(); 4].map(|()| std::thread::spawn(generation));
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), first);
        }
        if first.is_none() {
            std::println!("this system does not tell: nothing is prepared");
        }
    }
}
