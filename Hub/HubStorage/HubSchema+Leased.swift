extension HubSchema {
    /// What devices hold in leases, by account, API and price: kept beside the allotments it is the sum of, so that neither a call nor a sync has
    /// to add up a whole fleet.
    static let leased: String = """
        CREATE TABLE leased_use (
            account_id TEXT NOT NULL REFERENCES account (id),
            api TEXT NOT NULL,
            price_id TEXT NOT NULL REFERENCES price (id),
            units BIGINT NOT NULL,
            held BIGINT NOT NULL,
            PRIMARY KEY (account_id, api, price_id)
        );
        INSERT INTO leased_use (account_id, api, price_id, units, held)
            SELECT account_id, api, price_id, sum(ceiling - spent), sum(held) FROM allotment WHERE ceiling > spent GROUP BY account_id, api, price_id;
        DROP INDEX allotment_by_account
        """

    /// After accounts and prices.
    static let leasedTables: [String] = ["leased_use"]
}
