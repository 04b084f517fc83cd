# The formula of a tap. What stands between @ signs is known when there is a release: `make release` fills it in and writes
# the finished formula to dist/packaging/.
class ObsidianVaultindex < Formula
  include Language::Python::Virtualenv

  desc "Answers about an Obsidian vault at the terminal"
  homepage "@HOMEPAGE@"
  url "@SOURCE@"
  version "0.1.0"
  sha256 "@SHA256@"
  license "MIT"

  depends_on "libyaml"
  depends_on "python@3.13"

  # Needs: click markdown-it-py python-frontmatter regex sqlite-utils tomlkit watchdog wcwidth
  # @RESOURCES@ (one block a package, those that they need too)

  def install
    virtualenv_install_with_resources
    man1.install_symlink Dir[libexec/"share/man/man1/*"]
    man7.install_symlink Dir[libexec/"share/man/man7/*"]
    generate_completions_from_executable(bin/"vaultindex", "completion", shells: [:bash, :zsh, :fish])
  end

  def caveats
    "`vi` is vaultindex where #{HOMEBREW_PREFIX}/bin comes first; words that are none of its commands go to your editor."
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/vaultindex --version")
    assert_match "5 due", shell_output("#{bin}/vaultindex demo")
  end
end
