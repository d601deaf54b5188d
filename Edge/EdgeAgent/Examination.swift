import EdgeStore
import EdgeSync
import FacePipeline
import FoundationEssentials
import Glibc
import HubClient
import RecognitionAPI
import ServiceSupport
import WireModel

/// One thing `doctor` looked at.
package struct Finding: Sendable, Codable {
    package enum Verdict: String, Sendable, Codable { case ok, warning, fault }

    package let subject: String
    package let verdict: Verdict
    package let detail: String
    /// What to do; empty when all is well.
    package let remedy: String
    package let code: ProblemCode?

    static func ok(_ subject: String, _ detail: String) -> Finding { Finding(subject: subject, verdict: .ok, detail: detail, remedy: "", code: nil) }

    static func warning(_ subject: String, _ detail: String, remedy: String) -> Finding {
        Finding(subject: subject, verdict: .warning, detail: detail, remedy: remedy, code: nil)
    }

    static func fault(_ subject: String, _ error: any Error) -> Finding {
        let problem = Problem(describing: error)
        return Finding(
            subject: subject, verdict: .fault, detail: problem.detail.isEmpty ? problem.title : "\(problem.title) \(problem.detail)", remedy: problem.remedy,
            code: problem.code)
    }
}

/// Looks at everything recognition depends on, and names each fault with its remedy. Changes nothing.
package struct Examination: Sendable {
    /// Clocks further apart than this are worth a word.
    private static let tolerableSkew: Duration = .milliseconds(SyncLimits.clockTolerance)
    private static let certificateWarning: TimeInterval = 30 * 86_400

    private let directory: String
    private let models: Result<String, ModelError>

    /// - Parameters:
    ///   - directory: of the store.
    ///   - models: the models' directory, or why it was not found.
    package init(directory: String, models: Result<String, ModelError>) {
        self.directory = directory
        self.models = models
    }

    package func run() async -> [Finding] {
        var findings: [Finding] = [modelsFinding()] + CameraExamination.run(directory: directory)
        let store: EdgeStore
        do {
            guard EdgeStore.exists(in: directory) else {
                return findings + [.warning("store", "there is none in \(directory) yet", remedy: "Run `vultus-edge join`, or name its directory with --data.")]
            }
            store = try EdgeStore(directory: directory, recovers: false)
        } catch {
            return findings + [.fault("store", error)]
        }
        findings.append(storeFinding(store))
        findings.append(spaceFinding())
        do {
            let identity: DeviceIdentity = try store.identity()
            findings.append(journalFinding(store))
            findings += stateFindings(store, identity)
            findings.append(galleryFinding(store))
            findings.append(certificateFinding(identity))
            findings.append(await hubFinding(store))
            findings.append(clockFinding(store))
            findings += leaseFindings(store)
        } catch {
            findings.append(.fault("hub", error))
        }
        return findings
    }

    private func modelsFinding() -> Finding {
        do {
            let models: ModelDirectory = try ModelDirectory.open(try models.get())
            try models.verifyAll()
            let pipeline = FacePipeline(models: models)
            try pipeline.load()
            let names: String = "\(models.embedderModel) and \(models.detector.model ?? "detector")"
            return .ok("models", "\(names), sha256 checked, loaded by \(pipeline.engineDescription ?? "no engine") (\(models.path))")
        } catch let error as ModelError {
            return .fault("models", Problem(error))
        } catch {
            return .fault("models", error)
        }
    }

    private func storeFinding(_ store: EdgeStore) -> Finding {
        do {
            if let fault = try store.integrityFault() { throw EdgeStoreError.damaged(path: store.path, what: fault) }
            return .ok("store", store.path)
        } catch {
            return .fault("store", error)
        }
    }

    private func spaceFinding() -> Finding {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return .warning("disk", "free space unknown", remedy: "Check that the directory is on a healthy disk.") }
        let free: Int = Int(status.f_bavail) * Int(status.f_frsize) / 1_048_576
        return free < 64
            ? .warning(
                "disk", "\(free) MiB free", remedy: "Free some space: a full disk stops recognition, because a decision that cannot be journaled is not given.")
            : .ok("disk", "\(free) MiB free")
    }

    private func journalFinding(_ store: EdgeStore) -> Finding {
        do {
            if let fault = try store.journalFault() { throw EdgeStoreError.damaged(path: store.path, what: "journal: \(fault)") }
            let summary: JournalSummary = try store.journalSummary()
            let rejected: [EntryAnswer] = try store.rejections()
            guard rejected.isEmpty else {
                return .warning(
                    "journal",
                    "\(rejected.count.counted("entry was", "entries were")) not billed by the hub: \(Set(rejected.compactMap { $0.code?.rawValue }).sorted().joined(separator: ", "))",
                    remedy: "Show this to the operator.")
            }
            return .ok("journal", "\(summary.head.seq.counted("entry", "entries")), chain verified")
        } catch {
            return .fault("journal", error)
        }
    }

    private func stateFindings(_ store: EdgeStore, _ identity: DeviceIdentity) -> [Finding] {
        do {
            var findings: [Finding] = try store.conditions().map { .fault("state", $0.problem) }
            findings += try store.damageReports().map {
                .warning(
                    "recovery", "on \($0.found): \($0.reason); \($0.entriesSaved.counted("entry", "entries")) saved, \($0.entriesLost) lost",
                    remedy: "The old files are \($0.aside); remove them when nobody needs them.")
            }
            for state in try store.deviceStates(certificateEnd: identity.certificateEnd)
            where [.journalFull, .clockInDoubt].contains(state) {
                findings.append(.warning("state", "\(state.rawValue): \(state.meaning)", remedy: state.remedy))
            }
            return findings
        } catch {
            return [.fault("state", error)]
        }
    }

    private func galleryFinding(_ store: EdgeStore) -> Finding {
        do {
            let persons: [EnrolledPerson] = try store.persons()
            let faults: [GalleryID] = try store.heldGalleryFaults()
            guard faults.isEmpty else {
                return .warning(
                    "gallery", "of \(faults.map(\.rawValue).joined(separator: ", ")) not everybody is as the hub gave them",
                    remedy: "Run `vultus-edge sync`: the hub gives them anew.")
            }
            let ended: [HeldGallery] = try store.heldGalleries().filter { $0.state == .ended || $0.state == .ending }
            guard ended.isEmpty else {
                return .warning(
                    "gallery", "\(ended.map { "\($0.name) \($0.state == .ended ? "has ended" : "ends") \($0.freshUntil)" }.joined(separator: ", "))",
                    remedy: "Run `vultus-edge sync` while the hub can be reached: nobody of a gallery that has ended is matched.")
            }
            let held: Int = try store.heldPersons().count
            return .ok(
                "gallery",
                "\(persons.count.counted("person")), \(persons.reduce(0) { $0 + $1.templates }.counted("template")), all open\(held == 0 ? "" : "; \(held.counted("person")) of the hub's")"
            )
        } catch {
            return .fault("gallery", error)
        }
    }

    private func certificateFinding(_ identity: DeviceIdentity) -> Finding {
        guard let end = identity.certificateEnd else {
            return .fault("certificate", Problem(.storeDamaged, "The device's certificate cannot be read.", remedy: "Join again in a new --data directory."))
        }
        let left: TimeInterval = Double(end.milliseconds) / 1_000 - Date().timeIntervalSince1970
        if left < 0 {
            return .fault(
                "certificate",
                Problem(
                    .certificateRefused, "The device's certificate has expired.",
                    remedy: "Run `vultus-edge sync` while the hub can be reached: it gets another by the device's key."))
        }
        return left < Self.certificateWarning
            ? .warning(
                "certificate", "ends in \(Int(left / 86_400)) days", remedy: "Syncs renew it from two thirds of its life on: see that the hub can be reached.")
            : .ok("certificate", "\(identity.device), \(Int(left / 86_400)) days left")
    }

    private func hubFinding(_ store: EdgeStore) async -> Finding {
        do {
            let identity: DeviceIdentity = try store.identity()
            try await HubClient(hub: identity.hub, timeout: .seconds(10)).checkHealth(authorityPEM: identity.authorityPEM)
            return .ok("hub", "\(identity.hub) answers")
        } catch let error as HubClientError where error.isTransient {
            let problem: Problem = error.problem
            return .warning("hub", "\(problem.title) \(problem.detail)", remedy: problem.remedy)
        } catch {
            return .fault("hub", error)
        }
    }

    private func clockFinding(_ store: EdgeStore) -> Finding {
        guard let state = try? store.syncState(), let contact = state.contact else {
            return .warning("clock", "not compared with the hub yet", remedy: "Run `vultus-edge sync`.")
        }
        let skew = Duration.milliseconds(state.clockSkewMilliseconds)
        guard skew.magnitude > Self.tolerableSkew else {
            return .ok("clock", "within \(Self.tolerableSkew.components.seconds) s of the hub's at the last contact (\(contact))")
        }
        return .warning(
            "clock", "\(abs(state.clockSkewMilliseconds) / 1000) s \(skew > .zero ? "ahead of" : "behind") the hub at the last contact (\(contact))",
            remedy: "Set the device's clock (timedatectl set-ntp true). Until then uses are dated by the hub's clock.")
    }

    private func leaseFindings(_ store: EdgeStore) -> [Finding] {
        do {
            let leases: [LeaseState] = try store.leases()
            let refusals: [LeaseRefusal] = try store.leaseRefusals()
            let search: LeaseState? = leases.first { $0.lease.api == .search }
            var findings: [Finding] = leases.map { state in
                if let ground = state.ground { return .fault("lease", ground.problem) }
                return .ok("lease", "\(state.lease.api): \(state.remaining.counted("unit")) until \(state.lease.notAfter)")
            }
            if search == nil { findings.append(.fault("lease", LeaseGround.missing(.search).problem)) }
            findings += refusals.map {
                .warning("lease", "\($0.api): the hub grants nothing (\($0.code.rawValue))", remedy: "Ask the operator if this API is meant to be used here.")
            }
            return findings
        } catch {
            return [.fault("lease", error)]
        }
    }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
