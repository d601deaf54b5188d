import FaceTracking
import PresentationAttack
import WireModel

/// How a run watches its live sources.
package struct WatchSettings: Sendable {
    /// Comes before what the device's group is configured to.
    package var configuration: WatchConfiguration
    /// Of this run's pictures.
    package var zones: [Zone]

    package init(configuration: WatchConfiguration = WatchConfiguration(), zones: [Zone] = []) {
        self.configuration = configuration
        self.zones = zones
    }

    func tracking(_ group: WatchConfiguration?) -> TrackingPolicy {
        let wanted: WatchConfiguration = configuration.completed(by: group)
        var policy = TrackingPolicy()
        policy.zones = zones
        if let pixels = wanted.minimumFacePixels { policy.minimumFace = Double(pixels) }
        if let gap = wanted.passageGapMilliseconds { policy.passageGap = .milliseconds(gap) }
        if let term = wanted.redecideMilliseconds { policy.redecideAfter = term == 0 ? nil : .milliseconds(term) }
        return policy
    }

    func marking(_ group: WatchConfiguration?) -> Duration {
        .milliseconds(configuration.completed(by: group).markingMilliseconds ?? WatchConfiguration.standardMarkingMilliseconds)
    }

    /// What the device asks of presentations by itself.
    func presentation(_ group: WatchConfiguration?) -> PresentationRequirements { configuration.completed(by: group).pad?.requirements ?? [] }

    func scheduling(_ group: WatchConfiguration?) -> DetectionScheduler.Policy {
        var policy = DetectionScheduler.Policy()
        if let share = configuration.completed(by: group).processorShare { policy.share = share }
        return policy
    }
}
