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
    ($($d:literal)*) => { concat!($("vpxorq ymm", $d, ", ymm", $d, ", ymm", $d, "\n"),*) };
}
/// Adds the low 52 bits of products.
#[rustfmt::skip]
macro_rules! lo {
    ($d:literal, $($a:literal $b:literal),*) => { concat!($("vpmadd52luq ymm", $d, ", ymm", $a, ", ymm", $b, "\n"),*) };
}
/// Adds the high 52 bits of products.
#[rustfmt::skip]
macro_rules! hi {
    ($d:literal, $($a:literal $b:literal),*) => { concat!($("vpmadd52huq ymm", $d, ", ymm", $a, ", ymm", $b, "\n"),*) };
}
#[rustfmt::skip]
macro_rules! add {
    ($d:literal, $a:literal, $b:literal) => { concat!("vpaddq ymm", $d, ", ymm", $a, ", ymm", $b, "\n") };
}
#[rustfmt::skip]
macro_rules! sub {
    ($d:literal, $a:literal, $b:literal) => { concat!("vpsubq ymm", $d, ", ymm", $a, ", ymm", $b, "\n") };
}
#[rustfmt::skip]
macro_rules! high_part {
    ($d:literal, $a:literal) => { concat!("vpsraq ymm", $d, ", ymm", $a, ", 52\n") };
}

/// Adds a·b / 2²⁶⁰ to 10 … 14, which overlap then. Takes 15 … 22.
#[rustfmt::skip]
macro_rules! mul {
    ($a0:literal $a1:literal $a2:literal $a3:literal $a4:literal, $b0:literal $b1:literal $b2:literal $b3:literal $b4:literal) => {
        concat!(
            zero!("15" "16" "17" "18"),
            lo!("15", $a0 $b0), // m0
            hi!("16", $a0 $b0),
            lo!("17", $a0 $b1),
            lo!("16", $a1 $b0),
            lo!("18", "15" "30"),
            add!("16", "16", "17"),
            sub!("16", "16", "18"), // m1
            zero!("17" "18" "19" "20"),
            hi!("17", "15" "30"),
            lo!("18", $a1 $b1),
            hi!("19", $a0 $b1),
            hi!("20", $a1 $b0),
            lo!("18", $a0 $b2),
            lo!("19", $a2 $b0),
            lo!("17", "16" "30"),
            high_part!("21", "16"),
            add!("18", "18", "19"),
            add!("20", "20", "21"),
            sub!("18", "18", "17"),
            add!("17", "18", "20"), // m2
            // What m0 and m1 put into columns 4 to 6.
            zero!("22" "18" "19" "20"),
            lo!("22", "15" "31"),
            hi!("10", "15" "31"),
            lo!("10", "16" "31"),
            hi!("11", "16" "31"),
            hi!("18", "16" "30"),
            lo!("19", $a1 $b2, $a2 $b1),
            hi!("20", $a1 $b1, $a0 $b2, $a2 $b0),
            lo!("19", $a0 $b3),
            zero!("21"),
            lo!("21", $a3 $b0),
            add!("19", "19", "20"),
            lo!("18", "17" "30"),
            add!("19", "19", "21"),
            high_part!("20", "17"),
            add!("19", "19", "20"),
            sub!("18", "19", "18"), // m3
            // Column 4.
            zero!("19" "20" "21"),
            lo!("22", $a2 $b2, $a1 $b3, $a3 $b1),
            hi!("20", $a1 $b2, $a2 $b1, $a0 $b3, $a3 $b0),
            lo!("22", $a0 $b4),
            lo!("20", $a4 $b0),
            hi!("19", "17" "30"),
            add!("20", "20", "22"),
            lo!("11", "17" "31"),
            hi!("12", "17" "31"),
            lo!("19", "18" "30"),
            high_part!("21", "18"),
            add!("20", "20", "21"),
            sub!("19", "20", "19"), // m4
            // Column 5.
            zero!("20" "21" "22" "17"),
            hi!("17", "18" "30"),
            lo!("20", $a2 $b3, $a3 $b2),
            hi!("21", $a2 $b2, $a1 $b3, $a3 $b1),
            lo!("10", $a1 $b4),
            hi!("22", $a0 $b4),
            lo!("20", $a4 $b1),
            hi!("21", $a4 $b0),
            add!("10", "10", "22"),
            add!("20", "20", "21"),
            add!("10", "10", "20"),
            lo!("17", "19" "30"),
            high_part!("21", "19"),
            add!("10", "10", "21"),
            sub!("10", "10", "17"), // t5
            // Column 6.
            zero!("20" "21" "16" "17"),
            lo!("11", $a3 $b3),
            lo!("20", $a2 $b4),
            hi!("21", $a2 $b3, $a3 $b2),
            hi!("16", $a1 $b4),
            lo!("11", $a4 $b2),
            hi!("20", $a4 $b1),
            hi!("17", "19" "30"),
            add!("21", "21", "16"),
            add!("11", "11", "20"),
            add!("11", "11", "21"),
            sub!("11", "11", "17"), // t6
            // Column 7.
            zero!("20" "21"),
            lo!("12", "18" "31"),
            hi!("13", "18" "31"),
            lo!("20", $a3 $b4),
            hi!("12", $a3 $b3),
            lo!("21", $a4 $b3),
            hi!("20", $a2 $b4),
            hi!("21", $a4 $b2),
            add!("12", "12", "20"),
            add!("12", "12", "21"),
            // Columns 8 and 9.
            zero!("20"),
            lo!("13", $a4 $b4),
            hi!("20", $a3 $b4),
            hi!("14", $a4 $b4),
            hi!("20", $a4 $b3),
            lo!("13", "19" "31"),
            hi!("14", "19" "31"),
            add!("13", "13", "20"),
        )
    };
}

/// Adds a² / 2²⁶⁰ likewise: mixed products once, and doubled.
#[rustfmt::skip]
macro_rules! square {
    ($a0:literal $a1:literal $a2:literal $a3:literal $a4:literal) => {
        concat!(
            zero!("15" "16" "17" "18"),
            lo!("15", $a0 $a0), // m0
            hi!("16", $a0 $a0),
            lo!("17", $a0 $a1),
            lo!("18", "15" "30"),
            add!("17", "17", "17"),
            sub!("16", "16", "18"),
            add!("16", "16", "17"), // m1
            zero!("17" "18" "19" "20"),
            hi!("17", "15" "30"),
            lo!("18", $a1 $a1),
            hi!("19", $a0 $a1),
            lo!("19", $a0 $a2),
            lo!("17", "16" "30"),
            high_part!("21", "16"),
            add!("18", "18", "21"),
            add!("19", "19", "19"),
            sub!("18", "18", "17"),
            add!("17", "18", "19"), // m2
            zero!("22" "18" "19" "20"),
            lo!("22", "15" "31"),
            hi!("10", "15" "31"),
            lo!("10", "16" "31"),
            hi!("11", "16" "31"),
            hi!("18", "16" "30"),
            lo!("19", $a1 $a2),
            hi!("20", $a1 $a1),
            hi!("19", $a0 $a2),
            lo!("19", $a0 $a3),
            lo!("18", "17" "30"),
            high_part!("21", "17"),
            add!("19", "19", "19"),
            add!("20", "20", "21"),
            add!("19", "19", "20"),
            sub!("18", "19", "18"), // m3
            // Column 4.
            zero!("19" "20" "21"),
            lo!("22", $a2 $a2),
            lo!("20", $a1 $a3),
            hi!("20", $a1 $a2),
            hi!("21", $a0 $a3),
            lo!("20", $a0 $a4),
            hi!("19", "17" "30"),
            add!("21", "21", "21"),
            lo!("11", "17" "31"),
            hi!("12", "17" "31"),
            add!("22", "22", "21"),
            lo!("19", "18" "30"),
            high_part!("21", "18"),
            add!("20", "20", "20"),
            add!("22", "22", "21"),
            add!("20", "20", "22"),
            sub!("19", "20", "19"), // m4
            // Column 5.
            zero!("20" "21" "17"),
            hi!("17", "18" "30"),
            lo!("20", $a2 $a3),
            hi!("10", $a2 $a2),
            hi!("21", $a1 $a3),
            lo!("20", $a1 $a4),
            hi!("21", $a0 $a4),
            add!("20", "20", "21"),
            add!("20", "20", "20"),
            add!("10", "10", "20"),
            lo!("17", "19" "30"),
            high_part!("21", "19"),
            add!("10", "10", "21"),
            sub!("10", "10", "17"), // t5
            // Column 6.
            zero!("20" "21" "17"),
            lo!("11", $a3 $a3),
            lo!("20", $a2 $a4),
            hi!("21", $a2 $a3),
            hi!("20", $a1 $a4),
            add!("20", "20", "21"),
            hi!("17", "19" "30"),
            add!("20", "20", "20"),
            add!("11", "11", "20"),
            sub!("11", "11", "17"), // t6
            // Column 7.
            zero!("20"),
            lo!("12", "18" "31"),
            hi!("13", "18" "31"),
            lo!("20", $a3 $a4),
            hi!("12", $a3 $a3),
            hi!("20", $a2 $a4),
            add!("20", "20", "20"),
            add!("12", "12", "20"),
            // Columns 8 and 9.
            zero!("20"),
            lo!("13", $a4 $a4),
            hi!("20", $a3 $a4),
            hi!("14", $a4 $a4),
            add!("20", "20", "20"),
            lo!("13", "19" "31"),
            hi!("14", "19" "31"),
            add!("13", "13", "20"),
        )
    };
}

/// Carries from each limb into the next, out of $l into $d. Takes 15.
#[rustfmt::skip]
macro_rules! carry {
    ($l0:literal $l1:literal $l2:literal $l3:literal $l4:literal, $d1:literal $d2:literal $d3:literal $d4:literal) => {
        concat!(
            high_part!("15", $l0), add!($d1, $l1, "15"),
            high_part!("15", $d1), add!($d2, $l2, "15"),
            high_part!("15", $d2), add!($d3, $l3, "15"),
            high_part!("15", $d3), add!($d4, $l4, "15"),
        )
    };
    ($l0:literal $l1:literal $l2:literal $l3:literal $l4:literal) => {
        carry!($l0 $l1 $l2 $l3 $l4, $l1 $l2 $l3 $l4)
    };
}

/// Takes away the multiple of p that the highest limb names, and carries: a value from 0 to 32·p becomes one below p + 2²³⁰.
/// Takes 15, 16 and 17; {c} has the constants.
#[rustfmt::skip]
macro_rules! reduced {
    ($l0:literal $l1:literal $l2:literal $l3:literal $l4:literal) => {
        concat!(
            "vpsraq ymm15, ymm", $l4, ", 48\n",
            add!($l0, $l0, "15"),
            "vpsllq ymm16, ymm15, 44\n",
            "vpsllq ymm17, ymm15, 12\n",
            add!($l1, $l1, "16"),
            sub!($l1, $l1, "17"),
            "vpsllq ymm16, ymm15, 16\n",
            "vpandq ymm", $l4, ", ymm", $l4, ", [{c} + 96]\n",
            add!($l4, $l4, "16"),
            carry!($l0 $l1 $l2 $l3 $l4),
        )
    };
}
