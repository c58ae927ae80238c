//! Who may do what: people and their roles, the projects they see, keys, invitations, and what is
//! recorded of it. Nothing here holds a secret: of those only hashes are stored.

pub mod audit;
pub mod cbor;
pub mod key;
pub mod look;
pub mod passkey;
pub mod password;
pub mod person;
pub mod reach;
pub mod role;
