terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The bucket is named at init: `make plan ENV=prod-west STATE_BUCKET=...`. The lock is a file beside the state.
  backend "s3" {
    key          = "prod-west/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
