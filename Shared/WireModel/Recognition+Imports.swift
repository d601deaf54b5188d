package enum ImportState: String, Sendable, Codable, CaseIterable {
    /// Takes rows.
    case open
    /// All rows of its `total` are done, or the caller closed it.
    case closed
}

/// Many persons, enrolled row by row; cut off anywhere, it goes on where it was.
package struct ImportResult: Sendable, Codable, Hashable {
    package let id: ImportID
    package let state: ImportState
    /// Rows that the caller means to send, where it said so.
    package let total: Int64?
    /// Rows by outcome.
    package let accepted: Int64
    package let duplicate: Int64
    package let refused: Int64
    package let created: Timestamp

    package init(id: ImportID, state: ImportState, total: Int64?, accepted: Int64, duplicate: Int64, refused: Int64, created: Timestamp) {
        self.id = id
        self.state = state
        self.total = total
        self.accepted = accepted
        self.duplicate = duplicate
        self.refused = refused
        self.created = created
    }
}

package enum ImportRowOutcome: String, Sendable, Codable, CaseIterable {
    /// A template was made: one unit.
    case accepted
    /// This row was accepted before, or the person has this very template: nothing was made, nothing charged.
    case duplicate
    /// Nothing was made; `problem` says why. The row may be sent again, with another picture.
    case refused
}

package struct ImportRowResult: Sendable, Codable, Hashable {
    /// The caller's own key of the row.
    package let row: String
    package let outcome: ImportRowOutcome
    package let person: PersonID?
    package let template: TemplateID?
    /// For `refused`.
    package let problem: Problem?

    package init(row: String, outcome: ImportRowOutcome, person: PersonID?, template: TemplateID?, problem: Problem?) {
        self.row = row
        self.outcome = outcome
        self.person = person
        self.template = template
        self.problem = problem
    }
}
