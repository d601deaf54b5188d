/// What is replaced by a release.
package enum ReleaseKind: String, Sendable, Codable, CaseIterable {
    /// The program, `bin/vultus-edge`, and what lies beside it.
    case agent
    /// The models' directory, with its `manifest.json`.
    case models
}

/// One file of a release.
package struct ReleaseFile: Sendable, Codable, Hashable {
    /// Below the release's directory, parts separated by `/`.
    package let path: String
    package let bytes: Int64
    /// Lower-case hexadecimal.
    package let sha256: String
    package let isExecutable: Bool

    package init(path: String, bytes: Int64, sha256: String, isExecutable: Bool) {
        self.path = path
        self.bytes = bytes
        self.sha256 = sha256
        self.isExecutable = isExecutable
    }
}

/// What a release is: signed as a whole, so that nothing of it can be another.
package struct ReleaseManifest: Sendable, Codable, Hashable {
    package static let format: Int64 = 1
    /// Of models that any processor loads.
    package static let anyPlatform: String = "any"

    package let format: Int64
    package let kind: ReleaseKind
    package let version: ReleaseNumber
    /// `linux-x86_64`, `linux-aarch64`, or `any`.
    package let platform: String
    package let files: [ReleaseFile]
    /// A device must have this version of the same kind, or a later one, to go to this release; `nil`: any.
    package let minimumVersion: ReleaseNumber?
    /// Whether a device with a later version may go back to this one.
    package let allowsDowngrade: Bool
    package let created: Timestamp
    /// From then on no device begins with it. Whoever has it keeps it.
    package let expires: Timestamp

    package init(
        kind: ReleaseKind, version: ReleaseNumber, platform: String, files: [ReleaseFile], minimumVersion: ReleaseNumber? = nil, allowsDowngrade: Bool = false,
        created: Timestamp, expires: Timestamp
    ) {
        format = Self.format
        self.kind = kind
        self.version = version
        self.platform = platform
        self.files = files
        self.minimumVersion = minimumVersion
        self.allowsDowngrade = allowsDowngrade
        self.created = created
        self.expires = expires
    }

    package var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }
}

package enum ReleaseLimit {
    package static let files: Int = 500
    package static let bytes: Int64 = 4 << 30
    /// Bytes of a file that a hub gives at once.
    package static let part: Int = 1 << 20
    /// Where the signed manifest lies in a release's directory.
    package static let manifestName: String = "release.json"
}

extension ReleaseManifest {
    /// - Throws: `release_unsuitable` for what is no release whatever its signature says: paths that leave the directory, sizes and digests
    ///   that are none, no program or no models in it.
    package func check() throws(Problem) {
        func require(_ holds: Bool, _ detail: String) throws(Problem) {
            guard holds else {
                throw Problem(
                    .releaseUnsuitable, "That is not a release this program understands.", detail: detail, remedy: "Sign the release anew with this version.")
            }
        }
        try require(format == Self.format, "format \(format), this program knows \(Self.format)")
        try require((1...ReleaseLimit.files).contains(files.count), "\(files.count) files")
        try require(
            files.allSatisfy { (0...ReleaseLimit.bytes).contains($0.bytes) } && bytes <= ReleaseLimit.bytes, "more than \(ReleaseLimit.bytes >> 30) GiB")
        try require(Self.isPlatform(platform), "platform \(platform.prefix(60))")
        try require(expires > created, "it ends before it begins")
        for file in files {
            try require(Self.isPath(file.path), "the path \(file.path.prefix(100))")
            try require(file.sha256.utf8.count == 64 && file.sha256.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }, file.path)
        }
        // On a file system that folds case, or that has one of them as a directory, two of these would be one.
        let paths: [String] = files.map { $0.path.lowercased() }
        try require(Set(paths).count == paths.count, "a path stands twice")
        try require(!paths.contains { path in paths.contains { $0.hasPrefix(path + "/") } }, "a file is also a directory")
        switch kind {
        case .agent: try require(files.contains { $0.path == Self.program && $0.isExecutable }, "no program \(Self.program) in it")
        case .models: try require(files.contains { $0.path == "manifest.json" }, "no models' manifest.json in it")
        }
    }

    package static let program: String = "bin/vultus-edge"

    private static func isPlatform(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F }
    }

    /// Letters, digits, `.`, `_`, `+` and `-`; no part begins with a dot; the manifest's own name is taken.
    package static func isPath(_ path: String) -> Bool {
        guard path.utf8.count <= 200, path.lowercased() != ReleaseLimit.manifestName else { return false }
        let parts: [Substring] = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 6
            && parts.allSatisfy { part in
                part.first != nil && part.first != "." && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)) }
            }
    }
}
