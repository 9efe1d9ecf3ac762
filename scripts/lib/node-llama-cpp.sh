# Sourced by scripts that run llama.cpp from npm's node-llama-cpp.

# install_node_llama_cpp CACHE VERSION: prints a folder whose node_modules holds that version and its prebuilt
# llama.cpp for this machine. Only the CPU build is fetched: the package's default also takes CUDA and Vulkan, 700 MB.
install_node_llama_cpp() {
    local folder=$1/node-llama-cpp-$2 platform
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) platform=linux-x64 ;;
        Linux-aarch64) platform=linux-arm64 ;;
        Darwin-arm64) platform=mac-arm64-metal ;;
        Darwin-x86_64) platform=mac-x64 ;;
        *) echo "node-llama-cpp has no prebuilt llama.cpp for $(uname -s) on $(uname -m)" >&2; return 1 ;;
    esac
    if [ ! -f "$folder/installed" ]; then
        mkdir -p "$folder"
        echo '{"private": true}' >"$folder/package.json"
        # No install scripts: they would look for GPUs and might build from source.
        npm install --prefix "$folder" --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error \
            "node-llama-cpp@$2" "@node-llama-cpp/$platform@$2" >&2 || {
            echo "npm could not install node-llama-cpp $2; check the network and npm's registry" >&2
            return 1
        }
        touch "$folder/installed"
    fi
    echo "$folder"
}
