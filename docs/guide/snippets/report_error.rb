# Save as report_error.rb in the root folder of your project, and require it. In config.ru,
# or with config.middleware.use in Rails:  use LogCenter::Middleware
require "json"
require "net/http"
require "securerandom"

module LogCenter
  URL = URI("#{ENV.fetch("LOG_CENTER_URL", "http://localhost:8002")}/api/v1/logs/report")
  PROJECT = "my_project"
  THREADS_MAX = 20 # what is more than this at once is dropped
  LIBRARIES = [RbConfig::CONFIG["rubylibdir"], "<internal:", __FILE__].freeze
  @threads = []

  # Reports an exception in the background; never raises one, never reports one twice.
  def self.report(error, context = {}, level: "ERROR")
    return if error.instance_variable_defined?(:@log_center_reported)

    error.instance_variable_set(:@log_center_reported, true) unless error.frozen?
    file_path, line_number = place(error)
    body = JSON.generate(
      project_id: PROJECT,
      environment: ENV.fetch("ENVIRONMENT", "development"),
      version: ENV["APP_VERSION"],
      level: level,
      error: {
        type: error.class.name,
        message: text(error.message),
        file_path: file_path,
        line_number: line_number,
        stack_trace: error.full_message(highlight: false, order: :top).scrub.lines(chomp: true)
      },
      context: plain(context)
    )
    @threads.select!(&:alive?)
    @threads << Thread.new { post(body) } if @threads.size < THREADS_MAX
  rescue StandardError
    nil # the application comes first
  end

  # Waits for what is being sent, 3 seconds at most.
  def self.flush
    @threads.each { |thread| thread.join(3) }
  end

  def self.post(body)
    http = Net::HTTP.new(URL.host, URL.port)
    http.use_ssl = URL.scheme == "https"
    http.open_timeout = http.read_timeout = http.write_timeout = 3
    http.max_retries = 0
    http.post(URL.path, body, "Content-Type" => "application/json")
  rescue StandardError
    nil
  end

  # The innermost frame outside of gems and Ruby, relative to the folder of the program.
  def self.place(error)
    frames = error.backtrace || []
    own = frames.find { |frame| !frame.start_with?(*LIBRARIES) && !frame.include?("/gems/") }
    path, line = (own || frames.first || "unknown:0").match(/\A(.+?):(\d+)/).captures
    [path.delete_prefix("./").delete_prefix("#{Dir.pwd}/"), line.to_i]
  end

  # The value as JSON can hold it: foreign types as text, circles cut by the depth.
  def self.plain(value, depth = 5)
    case value
    when nil, true, false, Integer then value
    when Hash
      depth.zero? ? "{…}" : value.first(100).to_h { |k, v| [text(k), plain(v, depth - 1)] }
    when Array
      depth.zero? ? "[…]" : value.first(100).map { |inner| plain(inner, depth - 1) }
    else text(value)
    end
  end

  def self.text(value)
    value.to_s.dup.force_encoding("UTF-8").scrub[0, 8000]
  rescue StandardError
    value.class.name
  end

  private_class_method :post, :place, :plain, :text

  # Reports what the application raises, and raises it again: the answer stays as it was.
  class Middleware
    def initialize(app)
      @app = app
    end

    def call(env)
      @app.call(env)
    rescue StandardError => e
      LogCenter.report(e, context(env)) unless expected?(e)
      raise
    end

    private

    # Rails answers some of them with 404 or 400.
    def expected?(error)
      defined?(ActionDispatch::ExceptionWrapper) &&
        ActionDispatch::ExceptionWrapper.status_code_for_exception(error.class.name) < 500
    end

    def context(env)
      {
        url: [env["PATH_INFO"], env["QUERY_STRING"]].reject { |part| part.to_s.empty? }.join("?"),
        method: env["REQUEST_METHOD"],
        params: URI.decode_www_form(env["QUERY_STRING"].to_s).to_h,
        user_id: env["rack.session"]&.[]("user_id"),
        request_id: env["HTTP_X_REQUEST_ID"] || SecureRandom.uuid
      }
    rescue StandardError
      {}
    end
  end
end

# What ends a script is reported too; Ruby prints it as always.
at_exit do
  LogCenter.report($!, level: "CRITICAL") if $!.is_a?(StandardError)
  LogCenter.flush
end
