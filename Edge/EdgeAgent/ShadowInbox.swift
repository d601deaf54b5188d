import FacePipeline
import FrameCapture
import RecognitionAPI
import Synchronization

/// Between what decides and models that do not yet: one picture that was decided on, and only while somebody waits for it. Whoever
/// decides never waits here, and nothing is copied while nobody wants it.
package final class ShadowInbox: Sendable {
    /// A picture, and what the models that decide found in it.
    struct Offer: Sendable {
        let frame: Frame
        let picture: AnalysedImage
        let quality: QualityPolicy
        let rule: DecisionRule
    }

    private enum State: Sendable {
        case closed, open
        case full(Offer)
    }

    private let state = Mutex<State>(.closed)

    package init() {}

    /// Takes it, if one is wanted. A picture with faces of which no template was made says nothing of models, and is left.
    /// - Parameters:
    ///   - quality: by which faces were found good enough to be decided on.
    ///   - rule: of the device's own gallery.
    package func offer(_ frame: Frame, _ picture: AnalysedImage, quality: QualityPolicy, rule: DecisionRule) {
        guard picture.faces.isEmpty || picture.faces.contains(where: { $0.template != nil }) else { return }
        state.withLock { state in
            guard case .open = state else { return }
            // A camera's buffer goes back at once.
            state = .full(Offer(frame: frame.detached, picture: picture, quality: quality, rule: rule))
        }
    }

    /// The picture that came since, if one did: the next one is wanted when this is called again.
    func take() -> Offer? {
        state.withLock { state in
            switch state {
            case .closed:
                state = .open
                return nil
            case .open: return nil
            case .full(let offer):
                state = .closed
                return offer
            }
        }
    }

    func close() { state.withLock { $0 = .closed } }
}
