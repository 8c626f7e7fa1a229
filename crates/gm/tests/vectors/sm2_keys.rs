use yinxin_gm::{
    Error,
    sm2::{PrivateKey, PublicKey},
};

use crate::support::load;

#[test]
pub(crate) fn the_key_files_of_rustcrypto_are_read_and_written() {
    let Some(private) = load("rustcrypto/sm2-examples/pkcs8-private-key.der") else { return };
    let Some(public) = load("rustcrypto/sm2-examples/pkcs8-public-key.der") else { return };
    let key = PrivateKey::from_pkcs8_der(&private).expect("a good file");
    assert_eq!(key.to_pkcs8_der()[..], private);
    // The point is the end of the SubjectPublicKeyInfo.
    assert_eq!(PublicKey::from_sec1(&public[public.len() - 65..]), Ok(*key.public_key()));
}

#[test]
pub(crate) fn every_form_of_a_key_comes_back() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let key = PrivateKey::generate(rng);
    let same = |other: Result<PrivateKey, Error>| {
        other.is_ok_and(|other| other.to_bytes() == key.to_bytes())
    };
    assert!(same(PrivateKey::from_bytes(&key.to_bytes())));
    assert!(same(PrivateKey::from_pkcs8_der(&key.to_pkcs8_der())));
    assert!(same(PrivateKey::from_sec1_der(&key.to_sec1_der())));
    assert_eq!(PublicKey::from_sec1(&key.public_key().to_sec1()), Ok(*key.public_key()));
}

#[test]
pub(crate) fn a_key_file_with_anothers_public_key_is_refused() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let [ours, theirs] = [(); 2].map(|()| PrivateKey::generate(rng));
    let mut file = ours.to_pkcs8_der();
    let at = file.len() - 65;
    file[at..].copy_from_slice(&theirs.public_key().to_sec1());
    assert_eq!(PrivateKey::from_pkcs8_der(&file).err(), Some(Error::KeyMismatch));
}

#[test]
pub(crate) fn no_cut_or_flipped_key_file_is_read_as_another_key() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let key = PrivateKey::generate(rng);
    type Read = fn(&[u8]) -> Result<PrivateKey, Error>;
    let forms = [
        (key.to_pkcs8_der(), PrivateKey::from_pkcs8_der as Read),
        (key.to_sec1_der(), PrivateKey::from_sec1_der as Read),
    ];
    for (file, read) in forms {
        for cut in 0..file.len() {
            assert!(read(&file[..cut]).is_err(), "cut at {cut}");
        }
        for (at, bit) in (0..file.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert!(read(&changed).is_err(), "bit {bit} of byte {at}");
        }
    }
}
