# Every resource carries what the bill is split by.
provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project     = "tiergate"
      Environment = "prod"
      CostCenter  = var.cost_center
      ManagedBy   = "terraform"
    }
  }
}
