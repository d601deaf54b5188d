import Foundation
import TestKit
import Testing

@testable import FacePipeline

/// A hub, a device that trusts a release key, and what is known of both.
struct UpdatedSite {
    let world: World
    let key: String
    let inbox: String

    init() async throws {
        world = try World()
        try await world.open()
        key = world.folder + "/release-key"
        inbox = world.folder + "/inbox"
        try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
        #expect(try await world.operate("release", "keygen", key, data: false).status == 0)
        let joined = try await world.edge(["join", world.hub?.url ?? "", "--token", try await world.token(), "--release-key", key + ".pub"])
        #expect(joined.status == 0, "\(joined.errors)")
    }

    /// - Parameter program: a shell script that stands for the program; `nil`: one that runs the agent as it is.
    func publish(_ version: String, program: String? = nil, by other: String? = nil) async throws {
        let folder: String = world.folder + "/release-\(version)"
        try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
        let path: String = folder + "/bin/vultus-edge"
        try Data("#!/bin/sh\n\(program ?? "exec \(Program.folder)/vultus-edge \"$@\"")\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let key: String = other ?? key
        let signed = try await world.operate("release", "sign", folder, "--key", key, "--kind", "agent", "--version", version, data: false)
        #expect(signed.status == 0, "\(signed.errors)")
        let published = try await world.operate("release", "publish", folder, "--key", key + ".pub")
        #expect(published.status == 0, "\(published.errors)")
    }

    func rollOut(_ version: String, _ options: String...) async throws -> String {
        let begun = try await world.operate(["rollout", "start", version, "--minimum-tries", "1"] + options)
        #expect(begun.status == 0, "\(begun.errors)")
        return try (begun.json() as? [String: Any])?["id"] as? String ?? ""
    }

    /// A release of models for the engine that is part of the program, with a picture to try them on.
    /// - Parameters:
    ///   - damaged: a file is not what the models' own manifest says.
    ///   - crippled: a file is another, and the manifest says so.
    func publishModels(_ version: String, damaged: Bool = false, crippled: CrippledModel? = nil) async throws {
        let folder: String = world.folder + "/models-\(version)"
        try FileManager.default.createDirectory(atPath: folder + "/demo", withIntermediateDirectories: true)
        var manifest = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: World.models + "/manifest.json"))) as? [String: Any])
        var files = try #require(manifest["files"] as? [[String: Any]]).filter { file in
            ["detector-flat", "embedder-flat"].contains(file["role"] as? String) || file["name"] as? String == "demo/obama.jpg"
        }
        for (place, file) in files.enumerated() {
            let name: String = try #require(file["name"] as? String)
            var bytes = try Data(contentsOf: URL(filePath: World.models + "/" + name))
            if damaged, name.hasPrefix("face_recognition") { bytes[bytes.count / 2] ^= 1 }
            if let crippled, file["role"] as? String == crippled.role { crippled.apply(&bytes) }
            try bytes.write(to: URL(filePath: folder + "/" + name))
            if crippled == .foreign, file["role"] as? String == crippled?.role { files[place]["model"] = "another-2026" }
            if crippled != nil { files[place]["sha256"] = try FileDigest.read(folder + "/" + name, name: name).sha256 }
        }
        manifest["files"] = files
        try JSONSerialization.data(withJSONObject: manifest).write(to: URL(filePath: folder + "/manifest.json"))
        #expect(
            try await world.operate(
                "release", "sign", folder, "--key", key, "--kind", "models", "--version", version, "--platform", "any", data: false
            ).status == 0)
        #expect(try await world.operate("release", "publish", folder, "--key", key + ".pub").status == 0)
    }

    /// What the hub knows of the one device, or how the roll-out is; once it is as wanted, or a minute is over.
    /// - Parameter meanwhile: done before each look.
    func wait(for state: String, in rollout: String, meanwhile: () throws -> Void = {}) async throws -> (rollout: String, reason: String) {
        var seen: (rollout: String, device: String, reason: String) = ("", "", "")
        for _ in 0..<300 {
            try meanwhile()
            let shown = try await world.operate("rollout", "show", rollout).json() as? [String: Any]
            let device = (shown?["devices"] as? [[String: Any]])?.first
            seen = (
                (shown?["rollout"] as? [String: Any])?["state"] as? String ?? "", device?["state"] as? String ?? "none", device?["reason"] as? String ?? ""
            )
            if seen.device == state { return (seen.rollout, seen.reason) }
            try await Task.sleep(for: .milliseconds(300))
        }
        Issue.record("\(seen), wanted \(state)")
        return ("", "")
    }

    func runs(_ kind: String = "agent") async throws -> String? {
        let shown = try await world.edge(["releases"]).json() as? [String: Any]
        return (shown?["releases"] as? [[String: Any]])?.first { $0["kind"] as? String == kind }?["version"] as? String
    }

    /// The agent under its launcher, until `body` is done.
    /// - Parameters:
    ///   - environment: of the launcher, and so of the agent.
    ///   - command: of the agent; watching the inbox otherwise.
    ///   - wrapper: as of `Program.run`.
    func launched(
        _ environment: [String: String] = [:], command: [String]? = nil, wrapper: [String] = [], _ body: (pid_t) async throws -> Void
    ) async throws -> Outcome {
        try await Program.run(
            "vultus-edge",
            ["launch", "--trial-seconds", "60", "--data", world.folder + "/edge", "--"] + (command ?? ["run", inbox]) + ["--sync-every", "1", "--json"],
            environment: environment, wrapper: wrapper
        ) { process in
            defer { kill(process, SIGTERM) }
            try await body(process)
        }
    }
}

/// What a test makes of the real model of the program's own engine (`Shared/CFaceNet/format.h`), so that it loads and sees otherwise.
enum CrippledModel {
    /// A detector to which every picture is black: it finds nobody.
    case blind
    /// An embedder whose last weights stand in another order: its templates are of a space of their own, and say that they are not.
    case scrambled
    /// An embedder of another name, as its manifest has it: its templates cannot be compared with anybody's.
    case foreign

    var role: String { self == .blind ? "detector-flat" : "embedder-flat" }

    func apply(_ bytes: inout Data) {
        switch self {
        case .foreign: return
        case .blind: withUnsafeBytes(of: Float(1e-6).bitPattern.littleEndian) { bytes.replaceSubrange(36..<40, with: $0) }
        case .scrambled:
            // 128 rows of 50,176 weights, then as many biases.
            let end: Int = bytes.count - 128 * 4
            bytes.replaceSubrange(end - 128 * 50_176..<end, with: Data(bytes[end - 128 * 50_176..<end].reversed()))
        }
        withUnsafeBytes(of: Self.adler(bytes.dropFirst(32)).littleEndian) { bytes.replaceSubrange(24..<28, with: $0) }
    }

    private static func adler(_ bytes: Data) -> UInt32 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) in
            for byte in buffer {
                a = (a + UInt32(byte)) % 65_521
                b = (b + a) % 65_521
            }
        }
        return b << 16 | a
    }
}
