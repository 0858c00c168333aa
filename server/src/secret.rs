//! Random secrets and their hashes: session cookies, API tokens, setup and login links, request ids.

use sha2::{Digest, Sha256};

/// A secret of 256 random bits, in hexadecimal.
///
/// # Panics
///
/// If the system gives no random numbers: nothing safe can be done then.
pub fn random_256() -> String {
    hex(&random::<32>())
}

/// 128 random bits.
///
/// # Panics
///
/// As [`random_256`].
pub fn random_128() -> u128 {
    u128::from_le_bytes(random::<16>())
}

/// Random bytes.
///
/// # Panics
///
/// As [`random_256`].
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random numbers are there once it has started");
    bytes
}

/// How a secret is kept: its SHA-256. Secrets are random, so that no salt and no slow hash is needed.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// 128 bits that stand for `parts`, which cannot be chosen to collide across actors.
pub fn digest_128(parts: &[&str]) -> u128 {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    let digest = sha.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    u128::from_le_bytes(bytes)
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)] as char, DIGITS[usize::from(byte & 15)] as char])
        .collect()
}

/// Bytes in standard Base64, as Standard Webhooks wants its signatures.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word =
            group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let char = ALPHABET[(word >> (18 - 6 * digit) & 63) as usize] as char;
            text.push(if digit <= group.len() { char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_forms() {
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in cases {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_ne!(digest_128(&["a", "bc"]), digest_128(&["ab", "c"]));
    }
}
