//! A product in four lanes, in the order in which the processor should begin its instructions.
//!
//! The arithmetic is that of [`super::super::field`]: ten columns of 2⁵², five steps that each add m·p, where p ≡ −1 and so
//! m is the lowest limb itself. What is special is the order. The steps wait for each other, six cycles each; a column's
//! halves come in two or three sums, because a sum waits four cycles for each addend, and last come those of the limbs that
//! the carries before reach last. So a product takes 38 cycles from limb 0 to limb 0, by the latencies alone, where the
//! compiler's order takes 60.
//!
//! Registers are named by number. The addends of p's upper limb, 2⁴⁸ − 2¹⁶, are in 31; 2⁴⁴ − 2¹², which its second limb
//! lacks, in 30: its multiples are taken away.

#[rustfmt::skip]
macro_rules! zero {
    ($v:literal: $($d:literal)*) => { concat!($("vpxorq ", $v, $d, ", ", $v, $d, ", ", $v, $d, "\n"),*) };
}
/// Adds the low 52 bits of products.
#[rustfmt::skip]
macro_rules! lo {
    ($v:literal: $d:literal, $($a:literal $b:literal),*) => { concat!($("vpmadd52luq ", $v, $d, ", ", $v, $a, ", ", $v, $b, "\n"),*) };
}
/// Adds the high 52 bits of products.
#[rustfmt::skip]
macro_rules! hi {
    ($v:literal: $d:literal, $($a:literal $b:literal),*) => { concat!($("vpmadd52huq ", $v, $d, ", ", $v, $a, ", ", $v, $b, "\n"),*) };
}
#[rustfmt::skip]
macro_rules! add {
    ($v:literal: $d:literal, $a:literal, $b:literal) => { concat!("vpaddq ", $v, $d, ", ", $v, $a, ", ", $v, $b, "\n") };
}
#[rustfmt::skip]
macro_rules! sub {
    ($v:literal: $d:literal, $a:literal, $b:literal) => { concat!("vpsubq ", $v, $d, ", ", $v, $a, ", ", $v, $b, "\n") };
}
#[rustfmt::skip]
macro_rules! high_part {
    ($v:literal: $d:literal, $a:literal) => { concat!("vpsraq ", $v, $d, ", ", $v, $a, ", 52\n") };
}

/// Adds a·b / 2²⁶⁰ to 10 … 14, which overlap then. Takes 15 … 22.
#[rustfmt::skip]
macro_rules! mul {
    ($v:literal: $a0:literal $a1:literal $a2:literal $a3:literal $a4:literal, $b0:literal $b1:literal $b2:literal $b3:literal $b4:literal) => {
        concat!(
            zero!($v: "15" "16" "17" "18"),
            lo!($v: "15", $a0 $b0), // m0
            hi!($v: "16", $a0 $b0),
            lo!($v: "17", $a0 $b1),
            lo!($v: "16", $a1 $b0),
            lo!($v: "18", "15" "30"),
            add!($v: "16", "16", "17"),
            sub!($v: "16", "16", "18"), // m1
            zero!($v: "17" "18" "19" "20"),
            hi!($v: "17", "15" "30"),
            lo!($v: "18", $a1 $b1),
            hi!($v: "19", $a0 $b1),
            hi!($v: "20", $a1 $b0),
            lo!($v: "18", $a0 $b2),
            lo!($v: "19", $a2 $b0),
            lo!($v: "17", "16" "30"),
            high_part!($v: "21", "16"),
            add!($v: "18", "18", "19"),
            add!($v: "20", "20", "21"),
            sub!($v: "18", "18", "17"),
            add!($v: "17", "18", "20"), // m2
            // What m0 and m1 put into columns 4 to 6.
            zero!($v: "22" "18" "19" "20"),
            lo!($v: "22", "15" "31"),
            hi!($v: "10", "15" "31"),
            lo!($v: "10", "16" "31"),
            hi!($v: "11", "16" "31"),
            hi!($v: "18", "16" "30"),
            lo!($v: "19", $a1 $b2, $a2 $b1),
            hi!($v: "20", $a1 $b1, $a0 $b2, $a2 $b0),
            lo!($v: "19", $a0 $b3),
            zero!($v: "21"),
            lo!($v: "21", $a3 $b0),
            add!($v: "19", "19", "20"),
            lo!($v: "18", "17" "30"),
            add!($v: "19", "19", "21"),
            high_part!($v: "20", "17"),
            add!($v: "19", "19", "20"),
            sub!($v: "18", "19", "18"), // m3
            // Column 4.
            zero!($v: "19" "20" "21"),
            lo!($v: "22", $a2 $b2, $a1 $b3, $a3 $b1),
            hi!($v: "20", $a1 $b2, $a2 $b1, $a0 $b3, $a3 $b0),
            lo!($v: "22", $a0 $b4),
            lo!($v: "20", $a4 $b0),
            hi!($v: "19", "17" "30"),
            add!($v: "20", "20", "22"),
            lo!($v: "11", "17" "31"),
            hi!($v: "12", "17" "31"),
            lo!($v: "19", "18" "30"),
            high_part!($v: "21", "18"),
            add!($v: "20", "20", "21"),
            sub!($v: "19", "20", "19"), // m4
            // Column 5.
            zero!($v: "20" "21" "22" "17"),
            hi!($v: "17", "18" "30"),
            lo!($v: "20", $a2 $b3, $a3 $b2),
            hi!($v: "21", $a2 $b2, $a1 $b3, $a3 $b1),
            lo!($v: "10", $a1 $b4),
            hi!($v: "22", $a0 $b4),
            lo!($v: "20", $a4 $b1),
            hi!($v: "21", $a4 $b0),
            add!($v: "10", "10", "22"),
            add!($v: "20", "20", "21"),
            add!($v: "10", "10", "20"),
            lo!($v: "17", "19" "30"),
            high_part!($v: "21", "19"),
            add!($v: "10", "10", "21"),
            sub!($v: "10", "10", "17"), // t5
            // Column 6.
            zero!($v: "20" "21" "16" "17"),
            lo!($v: "11", $a3 $b3),
            lo!($v: "20", $a2 $b4),
            hi!($v: "21", $a2 $b3, $a3 $b2),
            hi!($v: "16", $a1 $b4),
            lo!($v: "11", $a4 $b2),
            hi!($v: "20", $a4 $b1),
            hi!($v: "17", "19" "30"),
            add!($v: "21", "21", "16"),
            add!($v: "11", "11", "20"),
            add!($v: "11", "11", "21"),
            sub!($v: "11", "11", "17"), // t6
            // Column 7.
            zero!($v: "20" "21"),
            lo!($v: "12", "18" "31"),
            hi!($v: "13", "18" "31"),
            lo!($v: "20", $a3 $b4),
            hi!($v: "12", $a3 $b3),
            lo!($v: "21", $a4 $b3),
            hi!($v: "20", $a2 $b4),
            hi!($v: "21", $a4 $b2),
            add!($v: "12", "12", "20"),
            add!($v: "12", "12", "21"),
            // Columns 8 and 9.
            zero!($v: "20"),
            lo!($v: "13", $a4 $b4),
            hi!($v: "20", $a3 $b4),
            hi!($v: "14", $a4 $b4),
            hi!($v: "20", $a4 $b3),
            lo!($v: "13", "19" "31"),
            hi!($v: "14", "19" "31"),
            add!($v: "13", "13", "20"),
        )
    };
}

/// Adds a² / 2²⁶⁰ likewise: mixed products once, and doubled.
#[rustfmt::skip]
macro_rules! square {
    ($v:literal: $a0:literal $a1:literal $a2:literal $a3:literal $a4:literal) => {
        concat!(
            zero!($v: "15" "16" "17" "18"),
            lo!($v: "15", $a0 $a0), // m0
            hi!($v: "16", $a0 $a0),
            lo!($v: "17", $a0 $a1),
            lo!($v: "18", "15" "30"),
            add!($v: "17", "17", "17"),
            sub!($v: "16", "16", "18"),
            add!($v: "16", "16", "17"), // m1
            zero!($v: "17" "18" "19" "20"),
            hi!($v: "17", "15" "30"),
            lo!($v: "18", $a1 $a1),
            hi!($v: "19", $a0 $a1),
            lo!($v: "19", $a0 $a2),
            lo!($v: "17", "16" "30"),
            high_part!($v: "21", "16"),
            add!($v: "18", "18", "21"),
            add!($v: "19", "19", "19"),
            sub!($v: "18", "18", "17"),
            add!($v: "17", "18", "19"), // m2
            zero!($v: "22" "18" "19" "20"),
            lo!($v: "22", "15" "31"),
            hi!($v: "10", "15" "31"),
            lo!($v: "10", "16" "31"),
            hi!($v: "11", "16" "31"),
            hi!($v: "18", "16" "30"),
            lo!($v: "19", $a1 $a2),
            hi!($v: "20", $a1 $a1),
            hi!($v: "19", $a0 $a2),
            lo!($v: "19", $a0 $a3),
            lo!($v: "18", "17" "30"),
            high_part!($v: "21", "17"),
            add!($v: "19", "19", "19"),
            add!($v: "20", "20", "21"),
            add!($v: "19", "19", "20"),
            sub!($v: "18", "19", "18"), // m3
            // Column 4.
            zero!($v: "19" "20" "21"),
            lo!($v: "22", $a2 $a2),
            lo!($v: "20", $a1 $a3),
            hi!($v: "20", $a1 $a2),
            hi!($v: "21", $a0 $a3),
            lo!($v: "20", $a0 $a4),
            hi!($v: "19", "17" "30"),
            add!($v: "21", "21", "21"),
            lo!($v: "11", "17" "31"),
            hi!($v: "12", "17" "31"),
            add!($v: "22", "22", "21"),
            lo!($v: "19", "18" "30"),
            high_part!($v: "21", "18"),
            add!($v: "20", "20", "20"),
            add!($v: "22", "22", "21"),
            add!($v: "20", "20", "22"),
            sub!($v: "19", "20", "19"), // m4
            // Column 5.
            zero!($v: "20" "21" "17"),
            hi!($v: "17", "18" "30"),
            lo!($v: "20", $a2 $a3),
            hi!($v: "10", $a2 $a2),
            hi!($v: "21", $a1 $a3),
            lo!($v: "20", $a1 $a4),
            hi!($v: "21", $a0 $a4),
            add!($v: "20", "20", "21"),
            add!($v: "20", "20", "20"),
            add!($v: "10", "10", "20"),
            lo!($v: "17", "19" "30"),
            high_part!($v: "21", "19"),
            add!($v: "10", "10", "21"),
            sub!($v: "10", "10", "17"), // t5
            // Column 6.
            zero!($v: "20" "21" "17"),
            lo!($v: "11", $a3 $a3),
            lo!($v: "20", $a2 $a4),
            hi!($v: "21", $a2 $a3),
            hi!($v: "20", $a1 $a4),
            add!($v: "20", "20", "21"),
            hi!($v: "17", "19" "30"),
            add!($v: "20", "20", "20"),
            add!($v: "11", "11", "20"),
            sub!($v: "11", "11", "17"), // t6
            // Column 7.
            zero!($v: "20"),
            lo!($v: "12", "18" "31"),
            hi!($v: "13", "18" "31"),
            lo!($v: "20", $a3 $a4),
            hi!($v: "12", $a3 $a3),
            hi!($v: "20", $a2 $a4),
            add!($v: "20", "20", "20"),
            add!($v: "12", "12", "20"),
            // Columns 8 and 9.
            zero!($v: "20"),
            lo!($v: "13", $a4 $a4),
            hi!($v: "20", $a3 $a4),
            hi!($v: "14", $a4 $a4),
            add!($v: "20", "20", "20"),
            lo!($v: "13", "19" "31"),
            hi!($v: "14", "19" "31"),
            add!($v: "13", "13", "20"),
        )
    };
}

/// Carries from each limb into the next, out of $l into $d. Takes 15.
#[rustfmt::skip]
macro_rules! carry {
    ($v:literal: $l0:literal $l1:literal $l2:literal $l3:literal $l4:literal, $d1:literal $d2:literal $d3:literal $d4:literal) => {
        concat!(
            high_part!($v: "15", $l0), add!($v: $d1, $l1, "15"),
            high_part!($v: "15", $d1), add!($v: $d2, $l2, "15"),
            high_part!($v: "15", $d2), add!($v: $d3, $l3, "15"),
            high_part!($v: "15", $d3), add!($v: $d4, $l4, "15"),
        )
    };
    ($v:literal: $l0:literal $l1:literal $l2:literal $l3:literal $l4:literal) => {
        carry!($v: $l0 $l1 $l2 $l3 $l4, $l1 $l2 $l3 $l4)
    };
}

/// Takes away the multiple of p that the highest limb names, and carries: a value from 0 to 32·p becomes one below p + 2²³⁰.
/// Takes 15, 16 and 17; {c} has the constants.
#[rustfmt::skip]
macro_rules! reduced {
    ($v:literal: $l0:literal $l1:literal $l2:literal $l3:literal $l4:literal) => {
        concat!(
            "vpsraq ", $v, "15, ", $v, $l4, ", 48\n",
            add!($v: $l0, $l0, "15"),
            "vpsllq ", $v, "16, ", $v, "15, 44\n",
            "vpsllq ", $v, "17, ", $v, "15, 12\n",
            add!($v: $l1, $l1, "16"),
            sub!($v: $l1, $l1, "17"),
            "vpsllq ", $v, "16, ", $v, "15, 16\n",
            "vpandq ", $v, $l4, ", ", $v, $l4, ", [{c} + 3*{row}]\n",
            add!($v: $l4, $l4, "16"),
            carry!($v: $l0 $l1 $l2 $l3 $l4),
        )
    };
}
