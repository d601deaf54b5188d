import EdgeStore
import FaceTracking
import PresentationAttack
import WireModel

extension Recogniser {
    /// What is asked of presentations on a live source: by the device, and by the galleries that it searches. What a gallery asks for itself
    /// holds for its own matches; the union of all says what has to be looked at.
    func configurePresentation(_ scene: LiveScene, _ own: PresentationRequirements) throws(Problem) {
        let held: [HeldGallery] = try recording { () throws(EdgeStoreError) in try store.heldGalleries() }
        let asking: [HeldGallery] = held.filter { $0.pad != .off }
        scene.ownPresentation = own
        scene.allPresentation = asking.reduce(own) { $0.union($1.pad.requirements) }
        scene.network = network
        scene.tracker.policy.examinesPresentations = !scene.allPresentation.isEmpty
        if let network { scene.tracker.policy.presentation.modelThreshold = network.manifest.threshold }
        guard scene.allPresentation.contains(.model), network == nil else { return }
        let who: String = own.contains(.model) ? "this device" : asking.filter { $0.pad == .model }.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
        scene.networkFault = Problem(
            .presentationUndetermined, "A presentation-attack model is asked for, and this run has none: nobody is matched there.", detail: who,
            remedy: "Give one with --pad-model, or ask for another policy.")
    }
}
