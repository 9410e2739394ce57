# Every resource carries what the bill is split by.
provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project     = "tiergate"
      Environment = "prod-west"
      CostCenter  = var.cost_center
      ManagedBy   = "terraform"
    }
  }
}

# The first region, for the one thing there that belongs to both: the replication of its bucket.
provider "aws" {
  alias  = "primary"
  region = var.primary_region

  default_tags {
    tags = {
      Project     = "tiergate"
      Environment = "prod-west"
      CostCenter  = var.cost_center
      ManagedBy   = "terraform"
    }
  }
}
