//! Runs the server: listens, keeps the clock, sends what is due, and stops in order.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::app::App;
use crate::control::Control;
use crate::deliver;
use crate::routes::router;
use crate::secret;
use crate::time::now_ms;

/// How long requests may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(10);

/// Listens on an address.
///
/// # Errors
///
/// A sentence that says what to do about it.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("{address} is taken by another program; choose another one with --listen, for example --listen 127.0.0.1:{}", address.port().wrapping_add(1))
        }
        io::ErrorKind::PermissionDenied => {
            format!("{address} may not be used by this user; ports below 1024 are the administrator's")
        }
        io::ErrorKind::AddrNotAvailable => format!("{} is no address of this machine", address.ip()),
        _ => format!("cannot listen on {address}: {error}"),
    })
}

/// Serves until `stop` is done, then drains, closes the sockets and the bases.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let control = Control { address, secret: secret::random_256() };
    app.set_control(&control.secret);
    if let Err(error) = control.write(&app.options.data) {
        tracing::warn!(%error, "commands on this machine will not find the server");
    }
    let tasks = [tokio::spawn(clock(app.clone())), tokio::spawn(deliver::run(app.clone()))];
    let opener = tokio::task::spawn_blocking({
        let app = app.clone();
        move || open_all(&app)
    });
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = app.clone();
    let signal = async move {
        stop.await;
        tracing::info!("stopping");
        stopping.stop();
    };
    let server = axum::serve(listener, service).with_graceful_shutdown(signal);
    let drained = async {
        app.stopped.notified().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = server => served?,
        () = drained => tracing::warn!("some requests did not end in time"),
    }
    for task in tasks {
        task.abort();
    }
    drop(opener.await);
    Control::remove(&app.options.data);
    let closing = app.clone();
    let close = move || {
        closing.opened_bases().iter().for_each(|(_, live)| live.stop());
        closing.engine.close();
    };
    drop(tokio::task::spawn_blocking(close).await);
    Ok(())
}

/// Tells open bases each minute what time it is: `NOW`, `TODAY`, schedules, filters by date.
async fn clock(app: App) {
    loop {
        let now = now_ms();
        let wait = Duration::from_millis(u64::try_from(60_000 - now.rem_euclid(60_000)).unwrap_or(60_000));
        tokio::time::sleep(wait).await;
        for (_, live) in app.opened_bases() {
            live.base.tick(now_ms());
            live.nudge();
        }
    }
}

/// Opens all bases, one after the other: automations, schedules and what is due run without anybody looking.
fn open_all(app: &App) {
    for id in app.engine.bases() {
        if app.is_stopping() {
            return;
        }
        if let Err(error) = app.base_blocking(&id) {
            tracing::error!(base = id, %error, "a base cannot be opened");
        }
    }
}

/// Ends when the process is told to: Ctrl-C, or `kill`.
pub async fn signals() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    drop(interrupt.await);
}
