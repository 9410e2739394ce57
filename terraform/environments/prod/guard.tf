# `terraform destroy` of prod fails here, before it has deleted anything. To tear it down for good, remove this
# file in a reviewed change first.
resource "terraform_data" "deletion_guard" {
  input = module.platform.name

  lifecycle {
    prevent_destroy = true
  }
}
