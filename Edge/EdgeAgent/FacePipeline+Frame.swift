import FacePipeline
import FrameCapture

extension FacePipeline {
    /// Analyses a frame where its bytes lie, encoded or raw.
    func analyse(_ frame: Frame, embed: EmbeddingSelection = .all) throws(FacePipelineError) -> AnalysedImage {
        try frame.withBytes { (bytes) throws(FacePipelineError) in
            switch frame.form {
            case .encoded: try analyse(bytes, embed: embed)
            case .raw(let layout): try analyse(bytes, as: layout, embed: embed)
            }
        }
    }
}
