//! The compression function of SM3 (GB/T 32905 5.3), fully unrolled.

/// GB/T 32905 4.1.
pub(crate) const IV: [u32; 8] = [
    0x7380_166f,
    0x4914_b2b9,
    0x1724_42d7,
    0xda8a_0600,
    0xa96f_30bc,
    0x1631_38aa,
    0xe38d_ee4d,
    0xb0fb_0e4e,
];

/// T_j ⋘ j of GB/T 32905 4.2.
pub(in crate::backend) const K: [u32; 64] = {
    let mut k = [0; 64];
    let mut j = 0;
    while j < 64 {
        let t: u32 = if j < 16 { 0x79cc_4519 } else { 0x7a87_9d8a };
        k[j as usize] = t.rotate_left(j % 32);
        j += 1;
    }
    k
};

const fn p0(x: u32) -> u32 {
    x ^ x.rotate_left(9) ^ x.rotate_left(17)
}

const fn p1(x: u32) -> u32 {
    x ^ x.rotate_left(15) ^ x.rotate_left(23)
}

/// One round; the caller rotates the names instead of the words.
macro_rules! round {
    ($j:expr, $ff:expr, $gg:expr, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident) => {{
        if $j >= 12 {
            // W_{j+4}, in the slot of W_{j-12}.
            $w[($j + 4) % 16] =
                p1($w[($j + 4) % 16] ^ $w[($j + 11) % 16] ^ $w[($j + 1) % 16].rotate_left(15))
                    ^ $w[($j + 7) % 16].rotate_left(7)
                    ^ $w[($j + 14) % 16];
        }
        let a12 = $a.rotate_left(12);
        let ss1 = a12.wrapping_add($e).wrapping_add(K[$j]).rotate_left(7);
        let tt1 = $ff($a, $b, $c)
            .wrapping_add($d)
            .wrapping_add(ss1 ^ a12)
            .wrapping_add($w[$j % 16] ^ $w[($j + 4) % 16]);
        let tt2 = $gg($e, $f, $g).wrapping_add($h).wrapping_add(ss1).wrapping_add($w[$j % 16]);
        $b = $b.rotate_left(9);
        $d = tt1;
        $f = $f.rotate_left(19);
        $h = p0(tt2);
    }};
}

/// Four rounds bring the names back to where they began.
macro_rules! four {
    ($j:expr, $ff:expr, $gg:expr, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident) => {
        round!($j, $ff, $gg, $a $b $c $d $e $f $g $h, $w);
        round!($j + 1, $ff, $gg, $d $a $b $c $h $e $f $g, $w);
        round!($j + 2, $ff, $gg, $c $d $a $b $g $h $e $f, $w);
        round!($j + 3, $ff, $gg, $b $c $d $a $f $g $h $e, $w);
    };
}

/// FF_j and GG_j, j < 16.
#[inline(always)]
const fn parity(x: u32, y: u32, z: u32) -> u32 {
    x ^ y ^ z
}

/// FF_j, j ≥ 16.
#[inline(always)]
const fn majority(x: u32, y: u32, z: u32) -> u32 {
    (x & y) | ((x | y) & z)
}

/// GG_j, j ≥ 16.
#[inline(always)]
const fn choose(x: u32, y: u32, z: u32) -> u32 {
    ((y ^ z) & x) ^ z
}

/// Absorbs whole blocks into `state`.
pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    for block in blocks {
        let (words, _) = block.as_chunks::<4>();
        let mut w: [u32; 16] = core::array::from_fn(|i| u32::from_be_bytes(words[i]));
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
        four!(0, parity, parity, a b c d e f g h, w);
        four!(4, parity, parity, a b c d e f g h, w);
        four!(8, parity, parity, a b c d e f g h, w);
        four!(12, parity, parity, a b c d e f g h, w);
        four!(16, majority, choose, a b c d e f g h, w);
        four!(20, majority, choose, a b c d e f g h, w);
        four!(24, majority, choose, a b c d e f g h, w);
        four!(28, majority, choose, a b c d e f g h, w);
        four!(32, majority, choose, a b c d e f g h, w);
        four!(36, majority, choose, a b c d e f g h, w);
        four!(40, majority, choose, a b c d e f g h, w);
        four!(44, majority, choose, a b c d e f g h, w);
        four!(48, majority, choose, a b c d e f g h, w);
        four!(52, majority, choose, a b c d e f g h, w);
        four!(56, majority, choose, a b c d e f g h, w);
        four!(60, majority, choose, a b c d e f g h, w);
        for (word, value) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word ^= value;
        }
    }
}
