//! The only client for requests to the outside: nothing inside can be reached with it.
//!
//! An address is resolved, refused if any of its addresses is not global, and the connection goes to an address
//! that was checked: there is no second look-up. Redirects are followed by hand, each checked again.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use sha2::Sha256;
use url::{Host, Url};

use crate::secret::base64;

const TIMEOUT: Duration = Duration::from_secs(10);
const REDIRECTS_MAX: usize = 3;
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A network in CIDR form, such as `10.1.0.0/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || format!("\"{text}\" is no network; write it as 10.1.0.0/16 or as a single address");
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.trim().parse().map_err(|_| problem())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = if prefix.is_empty() { bits } else { prefix.trim().parse().map_err(|_| problem())? };
        if prefix > bits { Err(problem()) } else { Ok(Self { address, prefix }) }
    }
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let shift = |bits: u8| u32::from(bits - self.prefix);
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                let (a, b) = (u32::from(own), u32::from(ip));
                (a ^ b).checked_shr(shift(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                let (a, b) = (u128::from(own), u128::from(ip));
                (a ^ b).checked_shr(shift(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// Whether an address belongs to the public Internet.
pub fn is_global(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_global_v4(ip),
        IpAddr::V6(ip) => is_global_v6(ip),
    }
}

fn is_global_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_global_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Of the addresses given out (2000::/3): no protocol assignments and Teredo, no documentation, no 6to4.
    let given_out = a & 0xe000 == 0x2000;
    given_out && !(a == 0x2001 && (b < 0x200 || b == 0xdb8)) && a != 0x2002 && !(a == 0x3fff && b < 0x1000)
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// `GET`, `POST` …
    pub method: String,
    /// Absolute, `http` or `https`.
    pub url: String,
    /// As given by people.
    pub headers: Vec<(String, String)>,
    /// As given by people.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Seconds that the other side asks to wait.
    pub retry_after_s: Option<u64>,
    /// The first megabyte.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may not be sent at all: sending it again is useless.
    Refused(String),
    /// The network failed; another time it may work.
    Network(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(why) | Self::Network(why) => f.write_str(why),
        }
    }
}

/// See the module's head.
#[derive(Debug)]
pub struct Outgoing {
    client: std::sync::OnceLock<Result<reqwest::Client, String>>,
    checked: Checked,
}

impl Outgoing {
    pub(crate) fn new(allowed: Vec<Network>) -> Self {
        Self { client: std::sync::OnceLock::new(), checked: Checked { allowed: allowed.into() } }
    }

    /// Sends a request and follows up to three redirects.
    ///
    /// # Errors
    ///
    /// See [`Failure`].
    pub async fn send(&self, request: Outbound) -> Result<Reply, Failure> {
        let mut url = parse(&request.url)?;
        let mut method = Method::from_bytes(request.method.to_uppercase().as_bytes())
            .map_err(|_| Failure::Refused(format!("\"{}\" is no HTTP method", request.method)))?;
        let mut headers = header_map(&request.headers)?;
        let mut body = request.body;
        for _ in 0..=REDIRECTS_MAX {
            self.checked.check(&url).await?;
            let sent = self
                .client()?
                .request(method.clone(), url.clone())
                .headers(headers.clone())
                .body(body.clone());
            let response = sent.send().await.map_err(network)?;
            let status = response.status();
            let target = response.headers().get("location").and_then(|target| target.to_str().ok());
            let Some(target) = target.filter(|_| is_redirect(status)) else { return reply(response).await };
            let next =
                url.join(target).map_err(|_| Failure::Refused("the redirect leads to no URL".into()))?;
            let next = parse(next.as_str())?;
            if next.origin() != url.origin() {
                for secret in ["authorization", "cookie", "proxy-authorization"] {
                    headers.remove(secret);
                }
            }
            if status == StatusCode::SEE_OTHER || (method == Method::POST && status.as_u16() < 303) {
                method = Method::GET;
                body = Vec::new();
            }
            url = next;
        }
        Err(Failure::Refused(format!("more than {REDIRECTS_MAX} redirects")))
    }

    fn client(&self) -> Result<&reqwest::Client, Failure> {
        let client = self.client.get_or_init(|| {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .dns_resolver(Arc::new(self.checked.clone()))
                .timeout(TIMEOUT)
                .connect_timeout(TIMEOUT)
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent("Sheaf")
                .build()
                .map_err(|error| error.to_string())
        });
        client.as_ref().map_err(|error| Failure::Network(error.clone()))
    }
}

fn parse(url: &str) -> Result<Url, Failure> {
    let url = Url::parse(url).map_err(|error| Failure::Refused(format!("not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::Refused(format!("requests go to http and https, not to \"{}\"", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::Refused("a URL with a user name in it is not requested".into()));
    }
    Ok(url)
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let problem = || Failure::Refused(format!("the header \"{name}\" cannot be sent"));
        let name = HeaderName::from_str(name).map_err(|_| problem())?;
        if matches!(name.as_str(), "host" | "content-length" | "transfer-encoding" | "connection") {
            return Err(problem());
        }
        map.append(&name, HeaderValue::from_str(value).map_err(|_| problem())?);
    }
    Ok(map)
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

async fn reply(mut response: reqwest::Response) -> Result<Reply, Failure> {
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after_s = retry_after.and_then(|value| value.parse().ok());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(network)? {
        let room = ANSWER_BYTES_MAX - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == ANSWER_BYTES_MAX {
            break;
        }
    }
    Ok(Reply { status, retry_after_s, body })
}

fn network(error: reqwest::Error) -> Failure {
    // The innermost cause says most: a refused address, a refused connection, a bad certificate.
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match cause.downcast_ref::<NotGlobal>() {
        Some(refused) => Failure::Refused(refused.to_string()),
        None => Failure::Network(cause.to_string()),
    }
}

/// Resolves names to addresses that may be reached.
#[derive(Clone, Debug)]
struct Checked {
    allowed: Arc<[Network]>,
}

#[derive(Debug)]
struct NotGlobal(String);

impl std::fmt::Display for NotGlobal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotGlobal {}

impl Checked {
    fn is_allowed(&self, ip: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(ip))
    }

    /// Whether a URL may be requested, as far as it says itself.
    async fn check(&self, url: &Url) -> Result<(), Failure> {
        let usual = matches!(url.port_or_known_default(), Some(80 | 443));
        let addresses = match url.host() {
            Some(Host::Ipv4(ip)) => vec![ip.into()],
            Some(Host::Ipv6(ip)) => vec![ip.into()],
            // RFC 6761: this name is the machine itself, whatever a resolver says.
            Some(Host::Domain(name)) if is_localhost(name) => vec![Ipv4Addr::LOCALHOST.into()],
            // The resolver checks names when the connection is made; unusual ports need all in the list.
            Some(Host::Domain(_)) if usual => return Ok(()),
            Some(Host::Domain(name)) => self.resolve_all(name).await.map_err(Failure::Network)?,
            None => return Err(Failure::Refused("the URL names no host".into())),
        };
        let fits = |ip: &IpAddr| self.is_allowed(*ip) || (usual && is_global(*ip));
        if addresses.iter().all(fits) {
            return Ok(());
        }
        let why = if usual { "an address that is not public" } else { "an unusual port" };
        Err(Failure::Refused(format!("requests to {why} are refused; the operator can allow the network")))
    }

    async fn resolve_all(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let found = tokio::net::lookup_host((name, 0)).await.map_err(|error| format!("{name}: {error}"))?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let addresses = this.resolve_all(name.as_str()).await?;
            if let Some(inside) = addresses.iter().find(|ip| !is_global(**ip) && !this.is_allowed(**ip)) {
                tracing::warn!(name = name.as_str(), %inside, "refused an outgoing request");
                let why = "requests to an address that is not public are refused; the operator can allow the network";
                return Err(Box::new(NotGlobal(why.into())) as Box<dyn std::error::Error + Send + Sync>);
            }
            let addresses: Vec<_> = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The headers of Standard Webhooks: id, time, and an HMAC-SHA256 of both with the body.
pub fn signature(key: &[u8], id: &str, time_s: i64, body: &[u8]) -> Vec<(String, String)> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{time_s}.").as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", base64(&mac.finalize().into_bytes()));
    vec![
        ("webhook-id".into(), id.into()),
        ("webhook-timestamp".into(), time_s.to_string()),
        ("webhook-signature".into(), signature),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_global() {
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "3fff::1",
        ];
        for ip in inside {
            assert!(!ip.parse().is_ok_and(is_global), "{ip}");
        }
        for ip in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(ip.parse().is_ok_and(is_global), "{ip}");
        }
    }

    #[test]
    fn a_network_contains_its_addresses() {
        let contains = |network: &str, ip: &str| {
            network.parse::<Network>().is_ok_and(|network| ip.parse().is_ok_and(|ip| network.contains(ip)))
        };
        assert!(contains("10.1.0.0/16", "10.1.255.3") && !contains("10.1.0.0/16", "10.2.0.0"));
        assert!(contains("0.0.0.0/0", "9.9.9.9") && contains("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(contains("fd00::/8", "fd12::1") && !contains("fd00::/8", "fc00::1"));
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "x".parse::<Network>().is_err());
    }

    #[tokio::test]
    async fn what_leads_inside_is_refused() {
        let outgoing = Outgoing::new(Vec::new());
        let urls = [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/latest",
            "http://localhost/",
            "http://localhost./",
            "http://user@1.1.1.1/",
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "gopher://1.1.1.1/",
            "http://1.1.1.1:22/",
            "nonsense",
        ];
        for url in urls {
            let request =
                Outbound { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Vec::new() };
            let answer = outgoing.send(request).await.map(|reply| reply.status);
            assert!(matches!(answer, Err(Failure::Refused(_))), "{url}: {answer:?}");
        }
    }

    #[test]
    fn signs_as_standard_webhooks_does() {
        // The example of the specification's libraries.
        let key = b"\x31\xf2\x83\x9d\xd7\xfa\x8f\x16\xe3\x1a\xe7\xfa\x2a\x0b\x6b\x3e";
        let headers = signature(key, "msg_1", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(headers.len(), 3);
        assert!(headers[2].1.starts_with("v1,") && headers[2].1.len() == 3 + 44);
    }
}
