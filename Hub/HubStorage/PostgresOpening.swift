/// How a transaction begins: its level, and whom it runs beside.
///
/// Every write first locks `schema_version`, a table that nothing else locks but a migration: in the mode of ordinary writers,
/// which admit each other, or in a mode that admits readers alone. So one that has lost too often runs when no other write does,
/// in this hub or another, and nobody is left to lose to. Such a lock
/// - comes before the snapshot, so that who waited for it sees what was waited for: "you have to execute the LOCK TABLE statement
///   before executing any SELECT or data modification statement" (https://www.postgresql.org/docs/current/sql-lock.html);
/// - ends with its transaction, and with its connection;
/// - is the first that a transaction takes, and is never raised, so that nobody waits for it with another lock in hand;
/// - is given in the order of asking: later writers queue behind one that waits to be alone (`LockAcquireExtended` in
///   PostgreSQL's `lock.c`);
/// - holds up no read: those lock no more than ACCESS SHARE (table 13.2,
///   https://www.postgresql.org/docs/current/explicit-locking.html).
enum PostgresOpening: Sendable {
    case read
    case write
    /// Waits for the writes under way, for up to ``claim``; those who come wait for it.
    case writeAlone

    /// How long others may be held up by somebody who waits to be alone while a long write is under way.
    static let claim: Duration = .milliseconds(500)
    /// The time limit of every other wait for a lock.
    static let lockTimeout: String = "10s"
    /// It asks for some right to change the table; to be alone, for UPDATE or DELETE.
    static let beside: String = "LOCK TABLE schema_version IN ROW EXCLUSIVE MODE"

    /// Run in one message.
    var script: String {
        switch self {
        case .read:
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        case .write:
            "BEGIN ISOLATION LEVEL SERIALIZABLE; \(Self.beside)"
        case .writeAlone:
            // A hub that is stopped in the middle, or cut off, keeps the others waiting no longer than they are patient.
            """
            BEGIN ISOLATION LEVEL SERIALIZABLE;
            SET LOCAL lock_timeout = \(Int(Self.claim / .milliseconds(1)));
            LOCK TABLE schema_version IN EXCLUSIVE MODE;
            SET LOCAL lock_timeout = '\(Self.lockTimeout)';
            SET LOCAL idle_in_transaction_session_timeout = '8s'
            """
        }
    }
}
