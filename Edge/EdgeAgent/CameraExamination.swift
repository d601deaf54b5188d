import FacePipeline
import FrameCapture
import ServiceSupport
import WireModel

/// What `doctor` says of cameras. Judging is apart from looking, so that it can be tested without a camera.
package enum CameraExamination {
    /// Below it a picture is dark: portraits at a third of their light have 0.06 and more, at a fiftieth 0.008 and less
    /// (`PictureSurveyTests`).
    private static let dark: Double = 0.04
    /// Below it there is nothing to see, a covered lens, a wall, fog: portraits have 0.17 and more.
    private static let flat: Double = 0.02
    /// Below it a picture is out of focus: portraits have 0.038 and more, blurred by 2.4 of 640 pixels 0.0033 and less. The noise of
    /// a sensor in the dark counts as detail, and may hide a lens out of focus.
    private static let soft: Double = 0.004
    /// A camera that gives less of what it promised is short of light or of bus.
    private static let slow: Double = 0.75

    /// Looks at every camera of the machine; those an agent of this directory watches are judged by what it wrote down.
    package static func run(directory: String) -> [Finding] {
        let report: CameraReport? = CameraReport.read(in: directory)
        var findings: [Finding] = (report?.cameras ?? []).map(finding)
        let watched: Set<String> = Set((report?.cameras ?? []).compactMap(\.path))
        let (cameras, faults) = CameraList.survey()
        findings += faults.map { .fault("camera", Problem($0)) }
        for camera in cameras where !watched.contains(camera.path) {
            do throws(CameraFault) { findings += finding(camera, try CameraTrial.run(camera)) } catch { findings.append(.fault("camera", Problem(error))) }
        }
        if findings.isEmpty {
            let problem = Problem(CameraFault.noDevice)
            findings.append(.warning("camera", "there is none (only `run --camera` needs one)", remedy: problem.remedy))
        }
        return findings
    }

    /// A camera that was tried just now.
    package static func finding(_ camera: CameraDevice, _ trial: CameraTrial) -> [Finding] {
        let name: String = "\(camera.path) (\(camera.card))"
        guard let last = trial.surveys.last else {
            return [
                .warning(
                    "camera", "\(name): of \(trial.counters.frames + trial.counters.damaged) frames none could be read",
                    remedy: "Check the cable; plug the camera in again, at another socket.")
            ]
        }
        if let picture = picture(name, last, isFrozen: trial.isFrozen) { return [picture] }
        if let loss = loss(name, trial.counters, undecodable: trial.undecodable) { return [loss] }
        return [.ok("camera", "\(name): \(trial.mode), \(trial.counters.frames) frames looked at")]
    }

    /// A camera that the running agent watches.
    package static func finding(_ line: CameraReport.Line) -> Finding {
        if let problem = line.problem { return .fault("camera", problem) }
        guard let path = line.path, let mode = line.mode else {
            return .warning("camera", "\(line.name): not open yet", remedy: "Look again in a moment.")
        }
        let name: String = "\(path) (\(line.card ?? "?")), watched by the agent"
        if let loss = loss(name, line.counters, undecodable: 0) { return loss }
        if let rate = line.rate, rate < slow * mode.interval.rate {
            return .warning(
                "camera", "\(name): \(rate) frames a second of \((mode.interval.rate * 10).rounded() / 10)",
                remedy: "More light lets it expose shorter; a lower --rate or --size needs less of the bus.")
        }
        return .ok("camera", "\(name): \(mode), \(line.counters.frames) frames")
    }

    private static func picture(_ name: String, _ survey: PictureSurvey, isFrozen: Bool) -> Finding? {
        if survey.brightness < dark {
            return .warning("camera", "\(name): the picture is dark", remedy: "Take the cover off the lens, make light, or lengthen the exposure (--control).")
        }
        if survey.contrast < flat {
            return .warning(
                "camera", "\(name): the picture shows nothing, it is even all over", remedy: "Take the cover off the lens, clean it, and see what it looks at.")
        }
        if isFrozen {
            return .warning(
                "camera", "\(name): the picture is frozen, every frame is the same to the last bit",
                remedy: "Plug the camera in again; if it is a capture device, see what feeds it.")
        }
        guard survey.detail < soft else { return nil }
        return .warning(
            "camera", "\(name): the picture is out of focus", remedy: "Clean the lens and set its focus, or let it focus by itself (--control autofocus=on).")
    }

    private static func loss(_ name: String, _ counters: CameraCounters, undecodable: Int) -> Finding? {
        var parts: [String] = []
        if counters.timeouts > 0 { parts.append("\(counters.timeouts.counted("time-out"))") }
        if counters.lost > 0 { parts.append("\(counters.lost.counted("frame")) lost") }
        if counters.damaged > 0 { parts.append("\(counters.damaged.counted("frame")) damaged") }
        if undecodable > 0 { parts.append("\(undecodable.counted("frame")) that cannot be decoded") }
        if counters.disconnections > 0 { parts.append("unplugged \(counters.disconnections.counted("time"))") }
        guard !parts.isEmpty else { return nil }
        return .warning(
            "camera", "\(name): \(parts.joined(separator: ", ")) beside \(counters.frames.counted("good frame"))",
            remedy: "Check cable and power; another socket, without a hub, or a lower --rate or --size relieves the bus.")
    }
}
