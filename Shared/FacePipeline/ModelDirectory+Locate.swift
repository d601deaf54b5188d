import FoundationEssentials

extension ModelDirectory {
    /// Names the directory of models to use, in this order: the one asked for, `$VULTUS_MODELS`,
    /// `../share/vultus/models` beside the program's directory, `/usr/share/vultus/models`, and `.models` in any directory
    /// above the program (a source checkout).
    ///
    /// The first two are taken at their word: whether they hold models is for `open` to say. The others count only
    /// when they hold a manifest.
    /// - Parameter executablePath: of the running program; symbolic links are followed.
    /// - Throws: `.notFound`.
    package static func locate(
        explicit: String?, environment: [String: String], executablePath: String
    ) throws(ModelError) -> String {
        if let explicit { return explicit }
        if let path = environment["VULTUS_MODELS"], !path.isEmpty { return path }
        let program = URL(filePath: executablePath).resolvingSymlinksInPath()
        var above = program.deletingLastPathComponent()
        var searched = [
            above.deletingLastPathComponent().appending(path: "share/vultus/models").path,
            "/usr/share/vultus/models",
        ]
        while true {
            searched.append(above.appending(path: ".models").path)
            let parent = above.deletingLastPathComponent()
            if parent.path == above.path || above.path == "/" { break }
            above = parent
        }
        if let found = searched.first(where: { fileExists($0 + "/" + manifestName) }) { return found }
        throw .notFound(searched: searched)
    }
}
