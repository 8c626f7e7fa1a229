//! Which backend this process uses: found out once from the processor, or forced by a test.

use core::fmt;
use core::sync::atomic::{AtomicU8, Ordering};

/// A set of instructions that some of the arithmetic is written for.
///
/// A level of the same architecture includes those before it: what has no code of its own at a level uses the next
/// lower one, and in the end the portable definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Plain Rust: the definition of every operation.
    Portable,
    /// x86-64 with SSSE3, SSE4.1, AES-NI and PCLMULQDQ.
    AesNi,
    /// x86-64 with AVX2, BMI2 and ADX besides.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ, VL, IFMA and VBMI, GFNI, VAES and VPCLMULQDQ besides.
    Avx512,
    /// aarch64 with NEON, AES and PMULL.
    Neon,
    /// aarch64 with the SM3 and SM4 instructions of ARMv8.2 besides.
    ArmSm,
}

impl Backend {
    /// Every backend, lowest first.
    pub const ALL: [Self; 6] =
        [Self::Portable, Self::AesNi, Self::Avx2, Self::Avx512, Self::Neon, Self::ArmSm];

    /// Whether this processor (and this operating system, which must save the registers) can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        self == Self::Portable || detected() & (1 << self as u8) != 0
    }

    /// What [`force`] and people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::AesNi => "aes-ni",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx-512",
            Self::Neon => "neon",
            Self::ArmSm => "arm-sm",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The processor cannot run the backend asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable(pub Backend);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "this processor cannot run the backend {}; leave the choice to the library",
            self.0
        )
    }
}

impl core::error::Error for Unavailable {}

/// Not yet chosen.
const UNKNOWN: u8 = u8::MAX;
static CURRENT: AtomicU8 = AtomicU8::new(UNKNOWN);
/// One bit a [`Backend`]; bit 7: detection has run.
static DETECTED: AtomicU8 = AtomicU8::new(0);
const RAN: u8 = 1 << 7;

/// The backend in use: the highest that is available, until [`force`] says otherwise.
#[must_use]
#[inline]
pub fn current() -> Backend {
    match CURRENT.load(Ordering::Relaxed) {
        0 => Backend::Portable,
        1 => Backend::AesNi,
        2 => Backend::Avx2,
        3 => Backend::Avx512,
        4 => Backend::Neon,
        5 => Backend::ArmSm,
        _ => choose(),
    }
}

/// Uses `backend` in the whole process from now on: for tests and for telling backends apart in benches.
///
/// # Errors
/// [`Unavailable`] if the processor cannot run it; nothing changes then.
pub fn force(backend: Backend) -> Result<(), Unavailable> {
    if !backend.is_available() {
        return Err(Unavailable(backend));
    }
    CURRENT.store(backend as u8, Ordering::Relaxed);
    Ok(())
}

#[cold]
fn choose() -> Backend {
    let best = Backend::ALL
        .into_iter()
        .rev()
        .find(|backend| backend.is_available())
        .unwrap_or(Backend::Portable);
    // Two threads may both come here; they find the same.
    CURRENT.store(best as u8, Ordering::Relaxed);
    best
}

fn detected() -> u8 {
    let found = DETECTED.load(Ordering::Relaxed);
    if found & RAN != 0 {
        return found;
    }
    // Miri executes no assembler, and few of the vectors: what it looks at is the portable code.
    let found = if cfg!(miri) { RAN } else { detect() | RAN };
    DETECTED.store(found, Ordering::Relaxed);
    found
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn detect() -> u8 {
    use core::arch::x86_64::{__cpuid, __cpuid_count};
    let has = |register: u32, bits: &[u32]| bits.iter().all(|bit| register >> bit & 1 == 1);
    if __cpuid(0).eax < 7 {
        return 0;
    }
    let one = __cpuid(1);
    let seven = __cpuid_count(7, 0);
    // PCLMULQDQ, SSSE3, SSE4.1, AES-NI.
    if !has(one.ecx, &[1, 9, 19, 25]) {
        return 0;
    }
    let mut found = 1 << Backend::AesNi as u8;
    // OSXSAVE and AVX; then which registers the operating system saves.
    let saved = if has(one.ecx, &[27, 28]) { saved_registers() } else { 0 };
    // AVX2, BMI1, BMI2, ADX; valgrind carries out ADX without saying so.
    let adx = cfg!(feature = "ctgrind") || has(seven.ebx, &[19]);
    if saved & 0b110 != 0b110 || !has(seven.ebx, &[3, 5, 8]) || !adx {
        return found;
    }
    found |= 1 << Backend::Avx2 as u8;
    // F, DQ, IFMA, BW, VL; VBMI, GFNI, VAES, VPCLMULQDQ.
    if saved & 0b1110_0110 == 0b1110_0110
        && has(seven.ebx, &[16, 17, 21, 30, 31])
        && has(seven.ecx, &[1, 8, 9, 10])
    {
        found |= 1 << Backend::Avx512 as u8;
    }
    found
}

/// XCR0, lower half.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[allow(unsafe_code)]
fn saved_registers() -> u32 {
    let low: u32;
    // SAFETY: the caller has seen OSXSAVE, so XGETBV exists; register 0 always does; no memory is touched.
    unsafe {
        core::arch::asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") _, options(nomem, nostack, preserves_flags));
    }
    low
}

/// Without `std`, what the program was compiled for.
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
fn detect() -> u8 {
    #[cfg(feature = "std")]
    macro_rules! has {
        ($feature:tt) => {
            std::arch::is_aarch64_feature_detected!($feature)
        };
    }
    #[cfg(not(feature = "std"))]
    macro_rules! has {
        ($feature:tt) => {
            cfg!(target_feature = $feature)
        };
    }
    let mut found = 0;
    // Rust's `aes` is FEAT_AES and FEAT_PMULL, its `sm4` FEAT_SM3 and FEAT_SM4.
    if has!("neon") && has!("aes") {
        found |= 1 << Backend::Neon as u8;
        if has!("sm4") {
            found |= 1 << Backend::ArmSm as u8;
        }
    }
    found
}

#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon")
)))]
const fn detect() -> u8 {
    0
}
