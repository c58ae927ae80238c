//! Work on large bodies, beside the requests that a thread serves: unpacking and reading them. A
//! few at once, so that however many come, the small ones are served meanwhile.

use tokio::sync::Semaphore;

/// Bodies above this many bytes take longer than a millisecond to read.
pub(super) const LARGE_BYTES: usize = 64 * 1_024;
/// Packed bodies above this many bytes may take as long to unpack.
pub(super) const LARGE_PACKED_BYTES: usize = 4 * 1_024;

/// As many as threads serve.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Does the work of a body of so many bytes; of one that is `large`, in its turn.
pub(super) async fn beside<T>(bytes: usize, large: usize, work: impl FnOnce() -> T) -> T {
    if bytes <= large {
        return work();
    }
    // A semaphore that nobody closes gives every permit at last.
    let _turn = TURNS.acquire().await.ok();
    tokio::task::block_in_place(work)
}
