import FacePipeline
import FrameCapture

extension FacePipeline {
    /// Analyses a frame where its bytes lie, encoded or raw.
    func analyse(_ frame: Frame, chooser: (any FaceChooser)? = nil) throws(FacePipelineError) -> AnalysedImage {
        try frame.withBytes { (bytes) throws(FacePipelineError) in
            switch frame.form {
            case .encoded: try analyse(bytes, chooser: chooser)
            case .raw(let layout): try analyse(bytes, as: layout, chooser: chooser)
            }
        }
    }

    /// How bright a frame is, cell by cell.
    func glance(_ frame: Frame, columns: Int, rows: Int) throws(FacePipelineError) -> [UInt8] {
        try frame.withBytes { (bytes) throws(FacePipelineError) in
            switch frame.form {
            case .encoded: try glance(bytes, columns: columns, rows: rows)
            case .raw(let layout): try glance(bytes, as: layout, columns: columns, rows: rows)
            }
        }
    }
}
