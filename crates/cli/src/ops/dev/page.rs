//! What clients get while there is no service to answer them.

use super::ansi;

/// Why nobody answers, for people and for programs.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// Another number means another state: the page in the browser asks for it and reloads.
    pub(super) number: u64,
    /// The heading: `the service does not build`.
    pub(super) title: String,
    /// Stable name of the state: `dev.build_failed`, `dev.service_ended`.
    pub(super) code: &'static str,
    /// What cargo, rustc or the service said, with ANSI colours.
    pub(super) text: String,
}

/// Follows the system's dark or light mode; nothing is loaded from anywhere.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;font:15px/1.5 system-ui,sans-serif;background:light-dark(#fafafa,#16181d);color:light-dark(#1c1e21,#e4e6eb)}\
main{max-width:72rem;margin:0 auto;padding:2rem 1.5rem}\
h1{font-size:1.35rem;margin:0 0 .25rem;border-left:.3rem solid #d6336c;padding-left:.75rem}\
p{margin:.25rem 0 1.25rem;opacity:.75}\
pre{font:13px/1.55 ui-monospace,monospace;background:light-dark(#fff,#1e2128);border:1px solid light-dark(#ddd,#30343d);\
border-radius:.5rem;padding:1rem 1.25rem;overflow-x:auto;margin:0}\
.b{font-weight:700}.red{color:light-dark(#c92a2a,#ff8787)}.yellow{color:light-dark(#b35c00,#ffd43b)}\
.green{color:light-dark(#2b8a3e,#8ce99a)}.blue{color:light-dark(#1864ab,#74c0fc)}.cyan{color:light-dark(#0b7285,#66d9e8)}";

/// Asks, every second, who answers now. During a build the question waits like any request, so the page reloads the
/// moment there is something new to see.
const SCRIPT: &str = "\
(async()=>{for(;;){await new Promise(r=>setTimeout(r,1000));try{\
const a=await fetch(location.href,{method:'HEAD',cache:'no-store',headers:{accept:'text/html'}});\
if(a.headers.get('atlas-dev')!==document.body.dataset.number){location.reload();return}}catch{}}})()";

impl Page {
    /// For a browser.
    pub(super) fn html(&self) -> String {
        let mut title = String::new();
        ansi::escape(&self.title, &mut title);
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\
             <body data-number=\"{}\"><main><h1>{title}</h1>\
             <p>This page comes from <code>atlas dev</code> and reloads by itself after the next save.</p>\
             <pre>{}</pre></main><script>{SCRIPT}</script></body></html>\n",
            self.number,
            ansi::html(self.text.trim_end()),
        )
    }

    /// For everything else: problem details (RFC 9457).
    pub(super) fn problem(&self) -> String {
        serde_json::json!({
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "code": self.code,
            "detail": format!("{}\n\n{}", self.title, ansi::plain(self.text.trim_end())),
        })
        .to_string()
    }
}
