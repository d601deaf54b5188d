import EdgeStore
import EdgeSync
import FacePipeline
import Logging
import ServiceLifecycle

/// What runs beside the agent's work where a launcher has started it: the one that says whether it works, the one that brings
/// updates, and the one that compares models before they decide.
package enum LaunchedServices {
    package static func make(
        _ launch: LaunchSituation, store: EdgeStore, policy: SyncPolicy?, models: Result<String, ModelError>, recogniser: Recogniser,
        restart: @escaping @Sendable () -> Void, logger: Logger
    ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let trial = TrialService(store: store, launch: launch, models: models, end: restart, logger: logger) {
            services.append(.init(service: trial, successTerminationBehavior: .ignore))
        }
        if let policy, let update = UpdateService(store: store, policy: policy, launch: launch, restart: restart, logger: logger) {
            services.append(.init(service: update, successTerminationBehavior: .ignore))
        }
        if policy != nil, let shadow = ShadowService(store: store, launch: launch, recogniser: recogniser, logger: logger) {
            services.append(.init(service: shadow, successTerminationBehavior: .ignore))
        }
        return services
    }
}
