import Domain

extension BudgetAlert {
    /// What a webhook is told.
    var json: JSON {
        [
            "type": "budget.threshold", "id": .string(self.id), "budget": .string(self.account.budget.text),
            "unit": .string(self.account.unit), "window": .string(self.account.window.name),
            "threshold": .thousandths(self.threshold), "amount": .string(self.amount.dollars),
            "posted": .string(self.posted.dollars), "at": .string(self.time.rfc3339),
        ]
    }
}
