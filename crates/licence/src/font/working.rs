//! A smaller copy of a font with the characters seen so far: cutting a page's subset from it takes half as long as from
//! all 65,535 glyphs. The result is the same, byte for byte.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Subsets cut from the whole font before the copy is made anew. Making it takes about as long as twenty of them.
const MISSES: usize = 20;

#[derive(Default)]
pub(super) struct Working(Mutex<State>);

#[derive(Default)]
struct State {
    font: Option<Arc<Vec<u8>>>,
    holds: BTreeSet<char>,
    seen: BTreeSet<char>,
    misses: usize,
}

impl Working {
    /// The copy, if it holds all these characters.
    pub(super) fn font_for(&self, characters: &[char]) -> Option<Arc<Vec<u8>>> {
        let state = self.0.lock().expect("no panic while held");
        let font = state.font.as_ref()?;
        characters.iter().all(|c| state.holds.contains(c)).then(|| Arc::clone(font))
    }

    /// Notes characters that it did not hold; now and then, gives all those to make the copy anew with.
    pub(super) fn missed(&self, characters: &[char]) -> Option<Vec<char>> {
        let mut state = self.0.lock().expect("no panic while held");
        state.seen.extend(characters);
        state.misses += 1;
        if state.misses < MISSES || state.seen.len() > super::CHARACTERS_MAX {
            return None;
        }
        state.misses = 0;
        Some(state.seen.iter().copied().collect())
    }

    /// Puts a new copy in place, with the characters that it holds.
    pub(super) fn put(&self, holds: Vec<char>, font: Vec<u8>) {
        let mut state = self.0.lock().expect("no panic while held");
        state.font = Some(Arc::new(font));
        state.holds = holds.into_iter().collect();
    }
}
