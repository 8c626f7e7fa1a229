//! SM3 of many streams side by side, one in each 32-bit lane: what the vector widths have in common.

/// Defines `compress` for one vector width, from single-vector operations that the file calling this has:
/// `add`, `xor`, `xor3`, `majority`, `choose`, `rol::<L, 32 − L>`, `splat`, `load` (of [`Lanes`](crate::backend::sm3::Lanes)'
/// words), `store` and `transpose` (of one block a lane into words 0 to 15). What a last argument names is called for each block
/// and with the number of blocks of its stream.
///
/// The rounds work on G vectors at a time. A round is a chain of six operations, each two cycles on the processors that have
/// AVX-512, with some 25 to issue: one group leaves half the issue slots empty, a second fills them.
macro_rules! lanes {
    ($features:literal, $vector:ty, $width:literal, $groups:literal $(, $fetch:ident)?) => {
        /// Absorbs all blocks of at most 32 streams of one length, stream `i` into lane `i`.
        /// Lanes after the last stream may hold anything afterwards.
        #[target_feature(enable = $features)]
        pub(in crate::backend) fn compress(state: &mut Lanes, streams: &[&[[u8; 64]]]) {
            let mut first = 0;
            while first < streams.len() {
                if streams.len() - first > $width {
                    compress_groups::<$groups>(state, streams, first);
                    first += $width * $groups;
                } else {
                    compress_groups::<1>(state, streams, first);
                    first += $width;
                }
            }
        }

        /// The same for the G groups of lanes from `first` on.
        #[target_feature(enable = $features)]
        fn compress_groups<const G: usize>(
            state: &mut Lanes,
            streams: &[&[[u8; 64]]],
            first: usize,
        ) {
            // Lanes without a stream work on the first one's blocks, in vain.
            let streams: [[&[[u8; 64]]; $width]; G] = core::array::from_fn(|g| {
                core::array::from_fn(|lane| {
                    *streams.get(first + g * $width + lane).unwrap_or(&streams[0])
                })
            });
            let mut values = [[splat(0); G]; 8];
            for (value, row) in values.iter_mut().zip(&state.0) {
                for (g, vector) in value.iter_mut().enumerate() {
                    *vector = load(&row[first + g * $width..]);
                }
            }
            // In one place for all blocks: it is longer than the registers, and zeros or copies would cost a fifth of the time.
            let mut words = [[splat(0); G]; 16];
            for block in 0..streams[0][0].len() {
                for (g, group) in streams.iter().enumerate() {
                    let mut blocks = [&group[0][block]; $width];
                    for (block_of_lane, stream) in blocks.iter_mut().zip(group) {
                        *block_of_lane = &stream[block];
                    }
                    $(blocks.iter().for_each(|block| $fetch(block, streams[0][0].len()));)?
                    for (words, word) in words.iter_mut().zip(transpose(blocks)) {
                        words[g] = word;
                    }
                }
                rounds(&mut values, &mut words);
            }
            for (value, row) in values.iter().zip(&mut state.0) {
                for (g, vector) in value.iter().enumerate() {
                    store(*vector, &mut row[first + g * $width..]);
                }
            }
        }

        /// GB/T 32905 5.3.3; in `w` the words of the block become those of the last rounds.
        #[inline]
        #[target_feature(enable = $features)]
        fn rounds<const G: usize>(state: &mut [[$vector; G]; 8], w: &mut [[$vector; G]; 16]) {
            macro_rules! each {
                ($g:ident => $value:expr) => {{
                    let mut result = [splat(0); G];
                    let mut $g = 0;
                    while $g < G {
                        result[$g] = $value;
                        $g += 1;
                    }
                    result
                }};
            }
            macro_rules! round {
                ($ff:ident $gg:ident $expand:literal, $k:ident[$i:expr], $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {{
                    if $expand {
                        // W_{j+4}, in the slot of W_{j-12}.
                        let x = each!(n => xor3(
                            w[($i + 4) % 16][n],
                            w[($i + 11) % 16][n],
                            rol::<15, 17>(w[($i + 1) % 16][n]),
                        ));
                        w[($i + 4) % 16] = each!(n => xor3(
                            xor3(x[n], rol::<15, 17>(x[n]), rol::<23, 9>(x[n])),
                            rol::<7, 25>(w[($i + 7) % 16][n]),
                            w[($i + 14) % 16][n],
                        ));
                    }
                    let a12 = each!(n => rol::<12, 20>($a[n]));
                    let ss1 = each!(n => rol::<7, 25>(add(add($e[n], splat($k[$i])), a12[n])));
                    let tt1 = each!(n => add(
                        add(add($d[n], xor(w[$i % 16][n], w[($i + 4) % 16][n])), $ff($a[n], $b[n], $c[n])),
                        xor(ss1[n], a12[n]),
                    ));
                    let tt2 = each!(n => add(add(add($h[n], w[$i % 16][n]), $gg($e[n], $f[n], $g[n])), ss1[n]));
                    $b = each!(n => rol::<9, 23>($b[n]));
                    $d = tt1;
                    $f = each!(n => rol::<19, 13>($f[n]));
                    $h = each!(n => xor3(tt2[n], rol::<9, 23>(tt2[n]), rol::<17, 15>(tt2[n])));
                }};
            }
            macro_rules! four_rounds {
                ($ff:ident $gg:ident $expand:literal, $k:ident[$i:expr], $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
                    round!($ff $gg $expand, $k[$i], $a $b $c $d $e $f $g $h);
                    round!($ff $gg $expand, $k[$i + 1], $d $a $b $c $h $e $f $g);
                    round!($ff $gg $expand, $k[$i + 2], $c $d $a $b $g $h $e $f);
                    round!($ff $gg $expand, $k[$i + 3], $b $c $d $a $f $g $h $e);
                };
            }
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
            let ([k, rest @ ..], []) = K.as_chunks::<16>() else { unreachable!("64 constants") };
            four_rounds!(xor3 xor3 false, k[0], a b c d e f g h);
            four_rounds!(xor3 xor3 false, k[4], a b c d e f g h);
            four_rounds!(xor3 xor3 false, k[8], a b c d e f g h);
            four_rounds!(xor3 xor3 true, k[12], a b c d e f g h);
            // Not unrolled further: the loop fits where the processor keeps decoded instructions.
            for k in rest {
                // The words stay where they are: kept by name, they would be spilled to places that cross cache lines.
                let _ = black_box(&mut *w);
                four_rounds!(majority choose true, k[0], a b c d e f g h);
                four_rounds!(majority choose true, k[4], a b c d e f g h);
                four_rounds!(majority choose true, k[8], a b c d e f g h);
                four_rounds!(majority choose true, k[12], a b c d e f g h);
            }
            for (word, value) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
                *word = each!(n => xor(word[n], value[n]));
            }
        }
    };
}
pub(in crate::backend) use lanes;
