//! Many chains of CBC or CBC-MAC, side by side where the processor can.

use core::mem;

use super::RoundKeys;

/// A chain among many, under its own key, over its own blocks.
pub(crate) struct Chain<'a, B> {
    pub(crate) keys: &'a RoundKeys,
    /// The initial value; at the end, the last block.
    pub(crate) state: &'a mut [u8; 16],
    pub(crate) blocks: B,
}

/// What chains run over: blocks to encrypt in place, or blocks only to be absorbed.
#[cfg_attr(
    not(all(target_arch = "x86_64", target_feature = "sse2")),
    expect(dead_code, reason = "chains run one by one")
)]
pub(crate) trait Blocks: Default {
    fn len(&self) -> usize;

    /// The first `count`, leaving the rest.
    fn take_first(&mut self, count: usize) -> Self;

    fn get(&self, i: usize) -> Option<&[u8; 16]>;

    /// Tells the encryption of block `i`.
    fn put(&mut self, i: usize, block: &[u8; 16]);

    /// The chain by itself.
    fn run(self, keys: &RoundKeys, state: &mut [u8; 16]);
}

impl Blocks for &mut [[u8; 16]] {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn take_first(&mut self, count: usize) -> Self {
        let (first, rest) = mem::take(self).split_at_mut(count);
        *self = rest;
        first
    }

    fn get(&self, i: usize) -> Option<&[u8; 16]> {
        (**self).get(i)
    }

    fn put(&mut self, i: usize, block: &[u8; 16]) {
        if let Some(place) = self.get_mut(i) {
            *place = *block;
        }
    }

    fn run(self, keys: &RoundKeys, state: &mut [u8; 16]) {
        keys.cbc_encrypt(state, self);
    }
}

impl Blocks for &[[u8; 16]] {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn take_first(&mut self, count: usize) -> Self {
        let (first, rest) = self.split_at(count);
        *self = rest;
        first
    }

    fn get(&self, i: usize) -> Option<&[u8; 16]> {
        (**self).get(i)
    }

    fn put(&mut self, _: usize, _: &[u8; 16]) {}

    fn run(self, keys: &RoundKeys, state: &mut [u8; 16]) {
        keys.cbc_mac(state, self);
    }
}

/// Takes every chain to its end.
pub(crate) fn advance<B: Blocks>(chains: &mut [Chain<'_, B>]) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if super::current() == super::Backend::Avx512 {
        side_by_side(chains);
    }
    for chain in chains {
        mem::take(&mut chain.blocks).run(chain.keys, chain.state);
    }
}

/// Takes up to sixteen chains as far as the shortest of them, again and again, until too few are left.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn side_by_side<B: Blocks>(chains: &mut [Chain<'_, B>]) {
    use zeroize::Zeroizing;

    use crate::backend::x86_64::sm4::lanes::{self, LANES};

    // Sixteen blocks side by side take about as long as two one after another (measured).
    const WORTH_IT: usize = 3;
    let mut keys = Zeroizing::new([[0; LANES]; 32]);
    loop {
        let mut taken: [Option<&mut Chain<'_, B>>; LANES] = [const { None }; LANES];
        let mut left = chains.iter_mut().filter(|chain| chain.blocks.len() > 0);
        taken.iter_mut().for_each(|slot| *slot = left.next());
        let lengths = || taken.iter().flatten().map(|chain| chain.blocks.len());
        let (count, steps) = (lengths().count(), lengths().min().unwrap_or(0));
        if count < WORTH_IT {
            return;
        }
        let mut states = [[0; 16]; LANES];
        let mut blocks: [B; LANES] = core::array::from_fn(|_| B::default());
        for (lane, chain) in taken.iter_mut().flatten().enumerate() {
            for (keys, key) in keys.iter_mut().zip(chain.keys.mapped[0]) {
                keys[lanes::place(lane)] = key;
            }
            states[lane] = *chain.state;
            blocks[lane] = chain.blocks.take_first(steps);
        }
        // SAFETY: the level is in use, so the processor has it.
        #[allow(unsafe_code)]
        unsafe {
            lanes::advance(&keys, &mut states, steps, &mut blocks);
        }
        for (chain, state) in taken.iter_mut().flatten().zip(states) {
            *chain.state = state;
        }
    }
}
