//! Where a secret stops being one.

/// `value`, which whoever watches may learn: whether a tag is right, whether a candidate is in range, a public key.
///
/// Does nothing but say so. With the feature `ctgrind` valgrind's memcheck hears it: under a test that marked the secrets
/// undefined, every branch and address that depends on one is reported, unless it was revealed here.
#[cfg(not(all(feature = "ctgrind", target_arch = "x86_64", target_os = "linux")))]
#[inline(always)]
pub(crate) const fn reveal<T: Copy>(value: T) -> T {
    value
}

#[cfg(all(feature = "ctgrind", target_arch = "x86_64", target_os = "linux"))]
#[inline(never)]
#[allow(unsafe_code)]
pub(crate) fn reveal<T: Copy>(mut value: T) -> T {
    // VG_USERREQ__MAKE_MEM_DEFINED of memcheck.h, the address, the length.
    let request = [0x4d43_0002, (&raw mut value).addr(), size_of::<T>(), 0, 0, 0];
    // SAFETY: four rotations of RDI by 128 bits in all and an exchange of RBX with itself do nothing on a processor;
    // valgrind takes them for a request, whose arguments RAX points to and whose answer is in RDX.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") &raw const request,
            inout("rdx") 0_u64 => _,
        );
    }
    value
}
