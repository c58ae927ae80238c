var e={name:`report_error.rb`,language:`rb`,pieces:[[`c`,`# Save as report_error.rb in the root folder of your project, and require it. In config.ru,
# or with config.middleware.use in Rails:  use LogCenter::Middleware
`],[`k`,`require `],[`s`,`"json"
`],[`k`,`require `],[`s`,`"net/http"
`],[`k`,`require `],[`s`,`"securerandom"

`],[`k`,`module `],[``,`LogCenter
  `],[`n`,`URL `],[``,`= `],[`n`,`URI`],[``,`(`],[`s`,`"#{`],[`n`,`ENV`],[`s`,`.fetch("LOG_CENTER_URL", "http://localhost:8002")}/api/v1/logs/report"`],[``,`)
  `],[`n`,`PROJECT `],[``,`= `],[`s`,`"my_project"
  `],[`n`,`THREADS_MAX `],[``,`= `],[`n`,`20 `],[`c`,`# what is more than this at once is dropped
  `],[`n`,`LIBRARIES `],[``,`= [RbConfig::`],[`n`,`CONFIG`],[``,`[`],[`s`,`"rubylibdir"`],[``,`], `],[`s`,`"<internal:"`],[``,`, __FILE__].freeze
  @threads = []

  `],[`c`,`# Reports an exception in the background; never raises one, never reports one twice.
  `],[`k`,`def self`],[``,`.report(error, context = {}, level: `],[`s`,`"ERROR"`],[``,`)
    `],[`k`,`return if`],[``,` error.instance_variable_defined?(:@log_center_reported)

    error.instance_variable_set(:@log_center_reported, `],[`k`,`true`],[``,`) `],[`k`,`unless`],[``,` error.frozen?
    file_path, line_number = place(error)
    body = `],[`n`,`JSON`],[``,`.generate(
      project_id: `],[`n`,`PROJECT`],[``,`,
      environment: `],[`n`,`ENV`],[``,`.fetch(`],[`s`,`"ENVIRONMENT"`],[``,`, `],[`s`,`"development"`],[``,`),
      version: `],[`n`,`ENV`],[``,`[`],[`s`,`"APP_VERSION"`],[``,`],
      level: level,
      error: {
        type: error.`],[`k`,`class`],[``,`.name,
        message: text(error.message),
        file_path: file_path,
        line_number: line_number,
        stack_trace: error.full_message(highlight: `],[`k`,`false`],[``,`, order: :top).scrub.lines(chomp: `],[`k`,`true`],[``,`)
      },
      context: plain(context)
    )
    @threads.select!(&:alive?)
    @threads << Thread.`],[`k`,`new `],[``,`{ post(body) } `],[`k`,`if `],[``,`@threads.size < `],[`n`,`THREADS_MAX
  `],[`k`,`rescue`],[``,` StandardError
    `],[`k`,`nil `],[`c`,`# the application comes first
  `],[`k`,`end

  `],[`c`,`# Waits for what is being sent, 3 seconds at most.
  `],[`k`,`def self`],[``,`.flush
    @threads.`],[`k`,`each `],[``,`{ |thread| thread.join(`],[`n`,`3`],[``,`) }
  `],[`k`,`end

  def self`],[``,`.post(body)
    http = Net::HTTP.`],[`k`,`new`],[``,`(`],[`n`,`URL`],[``,`.host, `],[`n`,`URL`],[``,`.port)
    http.use_ssl = `],[`n`,`URL`],[``,`.scheme == `],[`s`,`"https"`],[``,`
    http.open_timeout = http.read_timeout = http.write_timeout = `],[`n`,`3`],[``,`
    http.max_retries = `],[`n`,`0`],[``,`
    http.post(`],[`n`,`URL`],[``,`.path, body, `],[`s`,`"Content-Type" `],[``,`=> `],[`s`,`"application/json"`],[``,`)
  `],[`k`,`rescue`],[``,` StandardError
    `],[`k`,`nil
  end

  `],[`c`,`# The innermost frame outside of gems and Ruby, relative to the folder of the program.
  `],[`k`,`def self`],[``,`.place(error)
    frames = error.backtrace || []
    own = frames.find { |frame| !frame.start_with?(*`],[`n`,`LIBRARIES`],[``,`) && !frame.`],[`k`,`include`],[``,`?(`],[`s`,`"/gems/"`],[``,`) }
    path, line = (own || frames.first || `],[`s`,`"unknown:0"`],[``,`).match(`],[`s`,`/\\A(.+?):(\\d+)/`],[``,`).captures
    [path.delete_prefix(`],[`s`,`"./"`],[``,`).delete_prefix(`],[`s`,`"#{Dir.pwd}/"`],[``,`), line.to_i]
  `],[`k`,`end

  `],[`c`,`# The value as JSON can hold it: foreign types as text, circles cut by the depth.
  `],[`k`,`def self`],[``,`.plain(value, depth = `],[`n`,`5`],[``,`)
    `],[`k`,`case`],[``,` value
    `],[`k`,`when nil`],[``,`, `],[`k`,`true`],[``,`, `],[`k`,`false`],[``,`, Integer `],[`k`,`then`],[``,` value
    `],[`k`,`when `],[``,`Hash
      depth.zero? ? `],[`s`,`"{…}" `],[``,`: value.first(`],[`n`,`100`],[``,`).to_h { |k, v| [text(k), plain(v, depth - `],[`n`,`1`],[``,`)] }
    `],[`k`,`when `],[``,`Array
      depth.zero? ? `],[`s`,`"[…]" `],[``,`: value.first(`],[`n`,`100`],[``,`).map { |inner| plain(inner, depth - `],[`n`,`1`],[``,`) }
    `],[`k`,`else`],[``,` text(value)
    `],[`k`,`end
  end

  def self`],[``,`.text(value)
    value.to_s.dup.force_encoding(`],[`s`,`"UTF-8"`],[``,`).scrub[`],[`n`,`0`],[``,`, `],[`n`,`8000`],[``,`]
  `],[`k`,`rescue`],[``,` StandardError
    value.`],[`k`,`class`],[``,`.name
  `],[`k`,`end`],[``,`

  private_class_method :post, :place, :plain, :text

  `],[`c`,`# Reports what the application raises, and raises it again: the answer stays as it was.
  `],[`k`,`class `],[``,`Middleware
    `],[`k`,`def `],[``,`initialize(app)
      @app = app
    `],[`k`,`end

    def `],[``,`call(env)
      @app.call(env)
    `],[`k`,`rescue`],[``,` StandardError => e
      LogCenter.report(e, context(env)) `],[`k`,`unless`],[``,` expected?(e)
      `],[`k`,`raise
    end

    private

    `],[`c`,`# Rails answers some of them with 404 or 400.
    `],[`k`,`def `],[``,`expected?(error)
      `],[`k`,`defined`],[``,`?(ActionDispatch::ExceptionWrapper) &&
        ActionDispatch::ExceptionWrapper.status_code_for_exception(error.`],[`k`,`class`],[``,`.name) < `],[`n`,`500
    `],[`k`,`end

    def `],[``,`context(env)
      {
        url: [env[`],[`s`,`"PATH_INFO"`],[``,`], env[`],[`s`,`"QUERY_STRING"`],[``,`]].reject { |part| part.to_s.empty? }.join(`],[`s`,`"?"`],[``,`),
        method: env[`],[`s`,`"REQUEST_METHOD"`],[``,`],
        params: `],[`n`,`URI`],[``,`.decode_www_form(env[`],[`s`,`"QUERY_STRING"`],[``,`].to_s).to_h,
        user_id: env[`],[`s`,`"rack.session"`],[``,`]&.[](`],[`s`,`"user_id"`],[``,`),
        request_id: env[`],[`s`,`"HTTP_X_REQUEST_ID"`],[``,`] || SecureRandom.uuid
      }
    `],[`k`,`rescue`],[``,` StandardError
      {}
    `],[`k`,`end
  end
end

`],[`c`,`# What ends a script is reported too; Ruby prints it as always.`],[``,`
at_exit `],[`k`,`do`],[``,`
  LogCenter.report($!, level: `],[`s`,`"CRITICAL"`],[``,`) `],[`k`,`if`],[``,` $!.is_a?(StandardError)
  LogCenter.flush
`],[`k`,`end`]]};export{e as t};