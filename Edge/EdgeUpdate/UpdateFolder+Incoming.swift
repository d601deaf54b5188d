import ReleaseFiles
import ServiceSupport
import WireModel

/// A release that is being received, part by part, until all of it is there and as signed. Whatever was synced is not fetched again.
package struct IncomingRelease: Sendable {
    package let id: ReleaseID
    package let manifest: ReleaseManifest
    package let folder: String

    /// Of a file's bytes, how many are here.
    package func received(_ file: ReleaseFile) -> Int64 { min(ReleaseFolder.size(of: folder + "/" + file.path) ?? 0, file.bytes) }

    package var received: Int64 { manifest.files.reduce(0) { $0 + received($1) } }
}

extension UpdateFolder {
    private func incoming(_ id: ReleaseID) -> String { "\(root)/incoming/\(id)" }

    /// - Returns: `nil` when nothing of it was begun.
    package func incomingRelease(_ id: ReleaseID) throws -> IncomingRelease? {
        guard let signed = try? SignedRelease.read(in: incoming(id)), signed.id == id else { return nil }
        return IncomingRelease(id: id, manifest: try signed.open(trusting: try trustedKeys()), folder: incoming(id))
    }

    /// Begins with a release, when everything speaks for it.
    /// - Throws: `release_untrusted`, `release_unsuitable`: nothing of it is fetched.
    package func begin(_ signed: SignedRelease, at now: Timestamp) throws -> IncomingRelease {
        disk.enter("receive")
        let manifest: ReleaseManifest = try signed.open(trusting: try trustedKeys())
        try checkSuits(manifest, at: now)
        let folder: String = incoming(signed.id)
        // One at a time: what was begun of another is of no use any more.
        for name in try Self.names(in: root + "/incoming") where name != signed.id.rawValue { try disk.removeTree(root + "/incoming/" + name) }
        try disk.makeDirectory(folder)
        try disk.replace(folder + "/" + ReleaseLimit.manifestName, with: try JSON.bytes(signed))
        try disk.sync(root + "/incoming")
        return IncomingRelease(id: signed.id, manifest: manifest, folder: folder)
    }

    private func checkSuits(_ manifest: ReleaseManifest, at now: Timestamp) throws(Problem) {
        func refuse(_ title: String, _ detail: String, _ remedy: String) -> Problem { Problem(.releaseUnsuitable, title, detail: detail, remedy: remedy) }
        guard [Platform.current, manifest.kind == .models ? ReleaseManifest.anyPlatform : Platform.current].contains(manifest.platform) else {
            throw refuse("The release is for another platform.", "\(manifest.platform); this is \(Platform.current)", "Roll out the release of this platform.")
        }
        guard now < manifest.expires else {
            throw refuse("The release's time is over.", "\(manifest.expires)", "Sign it anew, or roll out a later one; check the device's clock.")
        }
        let current: ReleaseNumber? = current(manifest.kind)
        guard current != manifest.version else { throw refuse("The release runs already.", "\(manifest.version)", "Nothing is to be done.") }
        if let minimum = manifest.minimumVersion, current.map({ $0 < minimum }) ?? true {
            throw refuse(
                "The release needs a later one before it.", "\(minimum) at least; this is \(current?.rawValue ?? "as installed")", "Roll out that one first.")
        }
        if let current, manifest.version < current, !manifest.allowsDowngrade {
            throw refuse("The release is older than what runs.", "\(manifest.version); this is \(current)", "Sign it with --allow-downgrade if that is meant.")
        }
    }

    /// Puts a part where it belongs, and on the disk.
    /// - Parameter offset: bytes of the file that are here.
    package func append(_ bytes: [UInt8], to file: ReleaseFile, of release: IncomingRelease, at offset: Int64) throws {
        disk.enter("receive")
        var (folder, parts): (String, [Substring]) = (release.folder, file.path.split(separator: "/"))
        let path: String = release.folder + "/" + file.path
        parts.removeLast()
        for part in parts {
            let parent: String = folder
            folder += "/" + part
            guard !ReleaseFolder.isDirectory(folder) else { continue }
            try disk.makeDirectory(folder)
            try disk.sync(parent)
        }
        let isNew: Bool = ReleaseFolder.size(of: path) == nil
        try disk.write(bytes, to: path, at: offset)
        try disk.sync(path)
        if isNew { try disk.sync(folder) }
    }

    /// Verifies every file, and gives the whole its place beside what runs.
    /// - Throws: `release_altered`: that file is gone, and fetched again.
    package func finish(_ release: IncomingRelease) throws {
        disk.enter("stage")
        let manifest: ReleaseManifest = release.manifest
        for file in manifest.files {
            let path: String = release.folder + "/" + file.path
            if file.bytes == 0, ReleaseFolder.size(of: path) == nil { try append([], to: file, of: release, at: 0) }
            guard let size = ReleaseFolder.size(of: path), size == file.bytes, try ReleaseFolder.digest(path).sha256 == file.sha256 else {
                try disk.remove(path)
                throw Problem(
                    .releaseAltered, "A file of the release is not as signed.", detail: file.path,
                    remedy: "It is fetched again; if that does not help, publish the release anew.")
            }
            try disk.setMode(file.isExecutable ? 0o755 : 0o644, of: path)
            try disk.sync(path)
        }
        for folder in Set(manifest.files.map { SystemDisk.parent(of: release.folder + "/" + $0.path) }).sorted() { try disk.sync(folder) }
        try disk.sync(release.folder)
        let place: String = place(manifest.kind, manifest.version)
        guard current(manifest.kind) != manifest.version else {
            throw Problem(.releaseUnsuitable, "The release runs already.", detail: "\(manifest.version)", remedy: "Nothing is to be done.")
        }
        try disk.removeTree(place)
        try disk.rename(release.folder, to: place)
        try disk.sync("\(root)/\(manifest.kind.rawValue)")
        try disk.sync(root + "/incoming")
    }

    /// Whether it was put into its place, whole as it was then. Whoever starts it looks again.
    package func isStaged(_ kind: ReleaseKind, _ version: ReleaseNumber, _ id: ReleaseID) -> Bool {
        (try? SignedRelease.read(in: place(kind, version)))?.id == id
    }
}
