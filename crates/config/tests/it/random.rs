//! Whatever is in the files, the loader answers and does not panic.

use atlas_config::{Options, Profile};

use crate::support::{Scratch, resolve};

/// Numbers that look random and are the same in every run (SplitMix64), so that a failure can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len())]
    }

    /// A name, often one that means something.
    fn name(&mut self) -> &'static str {
        self.pick(&[
            "http",
            "log",
            "database",
            "port",
            "host",
            "limits",
            "tls",
            "key",
            "cert_file",
            "url",
            "pool",
            "level",
            "targets",
            "colour",
            "timeout",
            "body",
            "origins",
            "x",
            "\"\"",
            "\"a.b\"",
            "\"ä\"",
            "0",
            "prot",
            "-",
        ])
    }

    /// A value, sometimes one that fits.
    fn value(&mut self, depth: usize) -> String {
        match self.roll(if depth > 4 { 14 } else { 18 }) {
            0 => "true".to_owned(),
            1 => self
                .pick(&[
                    "0",
                    "8080",
                    "-1",
                    "9223372036854775807",
                    "18446744073709551616",
                    "0xff",
                    "1_000",
                ])
                .to_owned(),
            2 => self
                .pick(&["1.5", "inf", "nan", "-0.0", "1e400"])
                .to_owned(),
            3 => self
                .pick(&["1979-05-27T07:32:00Z", "1979-05-27", "07:32:00"])
                .to_owned(),
            4..=9 => format!(
                "\"{}\"",
                self.pick(&[
                    "",
                    "info",
                    "30s",
                    "2MiB",
                    "a,b",
                    "***",
                    "\\u00e9",
                    "🦀",
                    "{",
                    "[",
                    "postgres://a:b@c"
                ])
            ),
            10 => "'''\nmany\nlines'''".to_owned(),
            11 => self
                .pick(&["", "[", "{", "\"", "=", "tru", "'", "0x", "2020-99-99"])
                .to_owned(),
            12 | 13 => "[]".to_owned(),
            14 | 15 => {
                let items: Vec<String> = (0..self.roll(4)).map(|_| self.value(depth + 1)).collect();
                format!("[{}]", items.join(", "))
            }
            _ => {
                let members: Vec<String> = (0..self.roll(4))
                    .map(|_| format!("{} = {}", self.name(), self.value(depth + 1)))
                    .collect();
                format!("{{ {} }}", members.join(", "))
            }
        }
    }

    /// A file that may be TOML.
    fn file(&mut self) -> String {
        let mut file = String::new();
        for _ in 0..self.roll(12) {
            let line = match self.roll(10) {
                0 => format!("[{}]", self.name()),
                1 => format!("[{}.{}]", self.name(), self.name()),
                2 => format!("[[{}]]", self.name()),
                3 => self
                    .pick(&["#", "[", "]]", "=", "\u{0}", "\\", "a b = c"])
                    .to_owned(),
                4 => format!("{}.{} = {}", self.name(), self.name(), self.value(0)),
                _ => format!("{} = {}", self.name(), self.value(0)),
            };
            file.push_str(&line);
            file.push_str(self.pick(&["\n", "\n", "\r\n", "\r"]));
        }
        file
    }

    /// A variable that may be one.
    fn variable(&mut self) -> String {
        let names: Vec<String> = (0..self.roll(4))
            .map(|_| self.name().to_uppercase())
            .collect();
        let tail = self.pick(&["", "", "", "_FILE", "__", "_"]);
        format!("ATLAS_{}{tail}", names.join("__"))
    }
}

/// Says everything that can be said, which is where a panic would be.
fn say_all(options: &Options) -> usize {
    let resolution = resolve(options);
    let shown = resolution.show();
    let mut said =
        shown.to_toml(true).len() + serde_json::to_string(&shown).expect("it serializes").len();
    for section in ["http", "log", "database"] {
        let explained = resolution.explain(section).expect("it is a section");
        said += explained
            .iter()
            .map(|it| it.to_string().len())
            .sum::<usize>();
    }
    said + resolution
        .problems()
        .iter()
        .map(|it| it.to_string().len())
        .sum::<usize>()
}

#[test]
fn random_trees_are_answered_without_a_panic() {
    let mut sound = 0;
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let scratch = Scratch::new()
            .file("config/default.toml", dice.file())
            .file("config/development.toml", dice.file())
            .file(
                ".env",
                format!("{}={}\n{}\n", dice.variable(), dice.value(0), dice.file()),
            );
        let mut options = scratch.options().profile(Profile::ALL[dice.roll(3)]);
        for _ in 0..dice.roll(3) {
            options = options.env(dice.variable(), dice.value(0));
        }
        for _ in 0..dice.roll(3) {
            let key = format!("{}.{}", dice.name(), dice.name());
            options = options.set(key, dice.value(0));
        }
        let answered = std::panic::catch_unwind(|| say_all(&options));
        assert!(answered.is_ok(), "seed {seed} panicked");
        sound += usize::from(resolve(&options).check_result().is_ok());
    }
    assert!(
        sound < 400,
        "the dice never made a mistake, so nothing was tested"
    );
}

#[test]
fn random_bytes_are_answered_without_a_panic() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let bytes = |dice: &mut Dice| -> Vec<u8> {
            let alphabet = b"[]{}=\"'#.,\n\r\t \\ahttp0123_-\xff\xc3\xa9\x00";
            (0..dice.roll(80))
                .map(|_| alphabet[dice.roll(alphabet.len())])
                .collect()
        };
        let (toml, env) = (bytes(&mut dice), bytes(&mut dice));
        let scratch = Scratch::new()
            .file("config/default.toml", toml)
            .file(".env", env);
        let answered = std::panic::catch_unwind(|| say_all(&scratch.options()));
        assert!(answered.is_ok(), "seed {seed} panicked");
    }
}

#[test]
fn deep_nesting_is_answered_without_a_crash() {
    let deep = format!("http = {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let scratch = Scratch::new().file("config/default.toml", deep);
    say_all(&scratch.options());
    let dotted = format!("http.{} = 1", vec!["a"; 5_000].join("."));
    let scratch = Scratch::new().file("config/default.toml", dotted);
    say_all(&scratch.options());
    say_all(&Options::default().set(vec!["http"; 5_000].join("."), "1"));
    say_all(&Options::default().env(format!("ATLAS_{}", vec!["HTTP"; 5_000].join("__")), "1"));
}
