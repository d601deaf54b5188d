import FacePipeline
import PresentationAttack

/// Before a match is one, the presentation must be what the gallery asks for.
extension FaceTracker {
    /// How far from straight a challenge may begin, degrees: who looks aside is asked to look at the camera by where turning is measured from.
    private static var aside: Double { 10 }

    /// Whether a face's pixels would be of use, and a score of the operator's network too.
    package func wants(ofPresentation face: Int) -> (view: Bool, score: Bool) {
        guard policy.examinesPresentations, looked.indices.contains(face), let identity = track(looked[face])?.identity, identity.isOpen,
            !identity.isDoubtful, isEligible(identity, sights[face].box)
        else { return (false, false) }
        return (true, identity.presentation.evidence.wantsScore && !identity.shots.isEmpty)
    }

    /// Looks at a face of the frame, between ``look(_:width:height:at:)`` and ``finish(_:)``.
    /// - Parameter attack: what the operator's network says, 0…1; `nil` where it was not asked.
    package mutating func examine(_ view: FaceView, of face: Int, attack: Double?) {
        guard looked.indices.contains(face), let index = index(of: looked[face]), let now = time else { return }
        tracks[index].identity.presentation.evidence.add(view, at: now)
        if let attack { tracks[index].identity.presentation.evidence.add(attack: attack) }
    }

    /// - Returns: `nil` while more has to be seen or done.
    func present(
        _ identity: inout TrackIdentity<Person>, _ requirements: PresentationRequirements, isOver: Bool, at now: ContinuousClock.Instant
    ) -> Bool? {
        guard !requirements.isEmpty else { return true }
        if requirements.contains(.challenge), identity.presentation.challenge == nil, !isOver, let pose = identity.presentation.pose {
            func clamped(_ angle: Double) -> Double { max(-Self.aside, min(Self.aside, angle)) }
            identity.presentation.challenge = HeadChallenge(prompts(), yaw: clamped(pose.yaw), pitch: clamped(pose.pitch), at: now)
        }
        if isOver { identity.presentation.challenge?.left() } else { identity.presentation.challenge?.waited(until: now) }
        let challenge: HeadChallenge.Result? = requirements.contains(.challenge) ? identity.presentation.challenge.map { $0.result } ?? nil : nil
        identity.presentation.report = policy.presentation.report(requirements, identity.presentation.evidence, challenge, isOver: isOver)
        return identity.presentation.report.map { $0.outcome == .bonaFide }
    }

    /// Tells what is asked, once for each step.
    func ask(_ identity: inout TrackIdentity<Person>, at now: ContinuousClock.Instant) -> [TrackNews<Person>] {
        guard let request = identity.presentation.challenge?.request(at: now) else { return [] }
        if let asked = identity.presentation.asked, asked.step == request.step, asked.prompt == request.prompt { return [] }
        identity.presentation.asked = request
        return [.asked(track: identity.id, request)]
    }
}
