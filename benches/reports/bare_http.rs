//! hyper alone: it reads the same body as the program and answers the same bytes, always. It shows
//! what no HTTP endpoint of the program can exceed.

use std::convert::Infallible;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// The argument with which this program runs itself as the bare server.
pub(crate) const ARGUMENT: &str = "bare-http";
/// As many threads as the program has for HTTP.
const THREADS: usize = 2;
const BODY_BYTES_MAX: usize = 128 * 1_024;
const ANSWER: &[u8] =
    b"{\"status\":\"duplicate\",\"id\":1,\"fingerprint\":\"c28b25b7d52420836670e6e071f446f4\",\
    \"is_new\":false}";

/// Runs the bare server until the process is killed.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .expect("the system gives threads");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("it is bound"));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let _ignored = stream.set_nodelay(true);
            let io = TokioIo::new(stream);
            let connection = http1::Builder::new().serve_connection(io, service_fn(answer));
            tokio::spawn(connection);
        }
    });
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await;
    let length = body.map_or(0, |body| body.to_bytes().len());
    assert!(length < BODY_BYTES_MAX, "the same body as the program's");
    let answer = Response::builder()
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from_static(ANSWER)));
    Ok(answer.expect("a valid header"))
}
