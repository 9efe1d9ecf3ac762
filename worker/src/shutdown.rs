//! The word to stop, as every task hears it.

use tokio::sync::watch;

/// Returns once the daemon was told to stop, or has lost whoever could tell it.
pub async fn told(closing: &mut watch::Receiver<bool>) {
    // The guard must not live across an await of the caller, so it ends here.
    let _ = closing.wait_for(|closing| *closing).await;
}
