"""What stands behind the controllers: models, policies and schedules that several of them are made of."""
