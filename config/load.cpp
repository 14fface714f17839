#include "config/load.h"

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "config/document.h"
#include "config/file.h"
#include "config/load_with_tree.h"
#include "config/map_reader.h"
#include "config/read_peers.h"
#include "config/sections.h"
#include "config/text_check.h"

namespace ringway::config {

namespace {

unsigned cpus_of_machine() {
    return static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_CONF)));
}

/// Reads a section if it is there.
template <typename Section>
void read_section(MapReader& map, std::string_view key, Context& context, Section& section,
                  void (*read)(const Value&, Context&, Section&)) {
    if (const Value* const value = map.find(key)) read(*value, context, section);
}

Context make_context(const LoadOptions& options, std::filesystem::path folder) {
    return {.options = options,
            .folder = std::move(folder),
            .cpus = options.cpus == 0 ? cpus_of_machine() : options.cpus,
            .problems = {},
            .files_of_others = false,
            .interfaces = {},
            .host_addresses = {},
            .listen_ports = {}};
}

/// Whoever sends a peer must not have our files read.
void refuse_files(const Value& peer, Problems& problems) {
    for (const Value& field : peer.children) {
        if (field.key == "preshared_key_file")
            problems.add(field, "can't be named here, expected preshared_key");
    }
}

}  // namespace

void read_configuration(const Value& root, Context& context, Configuration& configuration) {
    MapReader map(root, "the configuration", context.problems);
    read_section(map, "system", context, configuration.system, read_system);
    read_section(map, "lcores", context, configuration.lcores, read_lcores);
    if (const Value* const ports = map.require("ports")) read_ports(*ports, context, configuration.ports);
    read_section(map, "routes", context, configuration.routes, read_routes);
    if (const Value* const tunnels = map.find("tunnels")) {
        read_tunnels(*tunnels, context, configuration.system.max_peers, configuration.tunnels);
    }
    read_section(map, "rest", context, configuration.rest, read_rest);
    read_section(map, "console", context, configuration.console, read_console);
    map.boolean("wg_socket", configuration.wg_socket);
    map.finish();
}

tl::expected<Peer, std::vector<Problem>> load_peer(std::string_view text, const PublicKey* own_key) {
    const LoadOptions options;
    Context context = make_context(options, {});
    Peer peer;
    if (check_text(text, context.problems)) {
        if (const auto document = parse_document(text, context.problems)) {
            refuse_files(document->root(), context.problems);
            if (context.problems.empty()) peer = read_peer(document->root(), context, own_key);
        }
    }
    if (!context.problems.empty()) return tl::make_unexpected(context.problems.take(""));
    return peer;
}

tl::expected<LoadedText, std::vector<Problem>> load_with_tree(std::string_view text,
                                                              const std::filesystem::path& file,
                                                              const LoadOptions& options) {
    Context context = make_context(options, std::filesystem::absolute(file).parent_path());
    Configuration configuration{.digest = digest_of(text)};
    auto document =
        check_text(text, context.problems) ? parse_document(text, context.problems) : std::nullopt;
    if (document) read_configuration(document->root(), context, configuration);
    if (!context.problems.empty()) return tl::make_unexpected(context.problems.take(file.string()));
    configuration.files_of_others = context.files_of_others;
    return LoadedText{std::move(configuration), std::move(*document)};
}

LoadResult load_text(std::string_view text, const std::filesystem::path& file, const LoadOptions& options) {
    return load_with_tree(text, file, options).map([](LoadedText&& loaded) {
        return std::move(loaded.configuration);
    });
}

LoadResult load_file(const std::filesystem::path& file, const LoadOptions& options) {
    const auto text = read_file(file, {.max_bytes = kMaxFileBytes, .regular_only = false});
    if (text) return load_text(text->view(), file, options);
    return tl::make_unexpected(
        std::vector{Problem{.file = file.string(), .text = "the file " + text.error()}});
}

}  // namespace ringway::config
