import Glibc
import ReleaseFiles
import ServiceSupport
import WireModel

/// What a device keeps of releases, in a directory of its own: the keys it trusts, the releases it has, which of them runs, and the one
/// that is being tried. Launcher and agent both use it; it holds nothing of anybody's face.
///
/// ```
/// trusted/NAME.pub         release keys
/// agent/1.2.0/…            a release, with its signed manifest
/// models/2.0.0/…
/// current-agent            a link to agent/1.2.0; where there is none, the installed program runs
/// current-models
/// incoming/rel_…/…         what is being received
/// trial.json               what is being tried, and what ran before; written before the link is changed
/// records.json             how the last of each kind ended, and what ran before what runs now
/// wanted.json              what the hub wants
/// health.json              what the program that is tried says of itself
/// shadow.json              what came of comparing models that do not decide yet with those that do
/// ```
package struct UpdateFolder: Sendable {
    package let root: String
    let disk: any ReleaseDisk

    package init(_ root: String, disk: any ReleaseDisk = SystemDisk()) {
        self.root = root
        self.disk = disk
    }

    /// Where a device's updates are.
    package static func path(in directory: String) -> String { directory + "/updates" }

    /// Whether a launcher has made it: without one, programs come another way.
    package static func exists(in directory: String) -> Bool { ReleaseFolder.isDirectory(path(in: directory)) }

    /// Makes what is not there.
    package func prepare() throws {
        for folder in [root, root + "/trusted", root + "/incoming"] + ReleaseKind.allCases.map({ root + "/" + $0.rawValue }) { try disk.makeDirectory(folder) }
        try disk.sync(root)
    }

    // MARK: Keys

    package func trustedKeys() throws -> [ReleaseKey] {
        try Self.names(in: root + "/trusted").filter { $0.hasSuffix(".pub") }.sorted().map { try ReleaseKeyFile.publicKey(root + "/trusted/" + $0) }
    }

    /// - Returns: its fingerprint.
    package func trust(_ keyFile: String) throws -> ReleaseKey {
        let key: ReleaseKey = try ReleaseKeyFile.publicKey(keyFile)
        guard let bytes = try PrivateFiles.read(keyFile) else { return key }
        try disk.replace(root + "/trusted/\(key.fingerprint).pub", with: bytes)
        return key
    }

    package func distrust(_ fingerprint: String) throws {
        let path: String = root + "/trusted/\(fingerprint).pub"
        guard fingerprint.allSatisfy(\.isHexDigit), try PrivateFiles.exists(path) else {
            throw Problem(
                .notFound, "No such key is trusted here.", detail: String(fingerprint.prefix(40)), remedy: "`vultus-edge releases` lists those that are.")
        }
        try disk.remove(path)
        try disk.sync(root + "/trusted")
    }

    // MARK: What runs

    package func place(_ kind: ReleaseKind, _ version: ReleaseNumber) -> String { "\(root)/\(kind.rawValue)/\(version)" }

    private func link(_ kind: ReleaseKind) -> String { "\(root)/current-\(kind.rawValue)" }

    /// - Returns: `nil` for what was installed.
    package func current(_ kind: ReleaseKind) -> ReleaseNumber? {
        var buffer = [CChar](repeating: 0, count: 512)
        let count: Int = readlink(link(kind), &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let target = String(decoding: buffer[0..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return target.hasPrefix(kind.rawValue + "/") ? ReleaseNumber(rawValue: String(target.dropFirst(kind.rawValue.count + 1))) : nil
    }

    /// Lets another be the one that runs, by one rename; does nothing but sync when it is.
    func point(_ kind: ReleaseKind, to version: ReleaseNumber?) throws {
        let link: String = link(kind)
        if let version {
            if current(kind) != version {
                try disk.remove(link + ".new")
                try disk.link("\(kind.rawValue)/\(version)", at: link + ".new")
                try disk.rename(link + ".new", to: link)
            }
        } else {
            try disk.remove(link)
        }
        try disk.sync(root)
    }

    /// - Returns: what is wrong with a release's files, or `nil`.
    func fault(_ kind: ReleaseKind, _ version: ReleaseNumber) -> String? {
        let place: String = place(kind, version)
        guard let signed = try? SignedRelease.read(in: place), let manifest = try? JSON.value(ReleaseManifest.self, from: signed.payload) else {
            return ReleaseLimit.manifestName
        }
        guard manifest.kind == kind, manifest.version == version else { return ReleaseLimit.manifestName }
        return ReleaseFolder.fault(of: manifest, in: place)
    }

    // MARK: Small files

    func path(_ name: String) -> String { root + "/" + name }

    /// - Returns: `nil` where there is none, or none that can be read.
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
        try PrivateFiles.read(path(name)).flatMap { try? JSON.value(type, from: $0) }
    }

    func save(_ value: some Encodable, _ name: String) throws { try disk.replace(path(name), with: try JSON.bytes(value)) }

    static func names(in folder: String) throws -> [String] { ReleaseFolder.isDirectory(folder) ? try PrivateFiles.names(in: folder) : [] }
}
