//! The keys that values are encrypted with.
//!
//! XChaCha20-Poly1305, whose nonces are long enough to be drawn at random for as many values as
//! there will ever be, and which is fast without help of the processor.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use super::Unopened;
use crate::error::Error;

const NONCE: usize = 24;
const LONGEST_ID: usize = 50;

/// The keys of a storage, each under an id: the first one encrypts, all of them decrypt.
///
/// To change keys, put the new one first, and keep the old ones for as long as jobs are stored that
/// were encrypted with them.
///
/// ```
/// # fn example() -> Result<(), jobs_runtime::Error> {
/// use jobs_runtime::{Keys, StorageOptions};
///
/// let keys = Keys::new("2026-11", [7; 32]).with("2026-05", [3; 32])?;
/// let options = StorageOptions::new("sqlite://app.db").keys(keys);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Keys(Arc<Vec<Key>>);

#[derive(Clone)]
struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl Keys {
    /// One key, which encrypts. The id is stored with each value: 1 to 50 letters, digits, `_` and
    /// `-`, or the storage cannot be opened.
    #[must_use]
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Self {
        Self(Arc::new(vec![Key::new(id.into(), key)]))
    }

    /// A further key, which only decrypts.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is a key of this id already.
    pub fn with(self, id: impl Into<String>, key: [u8; 32]) -> Result<Self, Error> {
        let id = id.into();
        if self.find(&id).is_some() {
            return Err(Error::Setting(format!("two keys have the id `{id}`: rename one of them")));
        }
        let mut keys = Vec::clone(&self.0);
        keys.push(Key::new(id, key));
        Ok(Self(Arc::new(keys)))
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let wrong =
            |key: &&Key| !(1..=LONGEST_ID).contains(&key.id.len()) || !key.id.chars().all(allowed);
        match self.0.iter().find(wrong) {
            None => Ok(()),
            Some(key) => Err(Error::Setting(format!(
                "`{}` is not an id for a key: 1 to 50 letters, digits, `_` and `-` are allowed",
                key.id
            ))),
        }
    }

    fn find(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }

    /// `None` if it is longer than the cipher takes.
    pub(super) fn seal(&self, text: &str, bound: &[u8]) -> Option<String> {
        let key = self.0.first()?;
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: text.as_bytes(), aad: bound };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Some(format!("{}.{}", key.id, BASE64_STANDARD_NO_PAD.encode(bytes)))
    }

    pub(super) fn open(&self, sealed: &str, bound: &[u8]) -> Result<String, Unopened> {
        let (id, text) = sealed.split_once('.').ok_or(Unopened::Malformed)?;
        let key = self.find(id).ok_or_else(|| Unopened::NoKey(id.to_owned()))?;
        let refused = || Unopened::Refused(id.to_owned());
        let bytes = BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| refused())?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(refused)?;
        let payload = Payload { msg: sealed, aad: bound };
        let opened = key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| refused())?;
        String::from_utf8(opened).map_err(|_| refused())
    }
}

impl Key {
    fn new(id: String, key: [u8; 32]) -> Self {
        Self { id, cipher: XChaCha20Poly1305::new(&key.into()) }
    }
}

/// The ids alone.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}
