# A Rack application that fails.
require "json"
require "rack"
require "webrick"
require_relative "report_error"

def total(order)
  JSON.parse(order) # RAISED HERE
end

if ARGV.first == "odd"
  circle = { nan: Float::NAN, bad: "\xff", when: Time.at(0) }
  circle[:self] = circle
  begin
    total("{")
  rescue JSON::ParserError => e
    LogCenter.report(e, { user_id: "u_7", circle: circle })
    LogCenter.report(e)
  end
  puts "went on"
  exit
end
total("{") if ARGV.first == "crash"

# As most frameworks do: whatever is raised below becomes a page.
class Page
  def initialize(app)
    @app = app
  end

  def call(env)
    @app.call(env)
  rescue StandardError => e
    [500, { "content-type" => "text/plain" }, ["failed: #{e.class}"]]
  end
end

shop = lambda do |env|
  env["rack.session"] = { "user_id" => "u_7" }
  total("{") if env["PATH_INFO"].start_with?("/orders/")
  [403, {}, ["refused"]]
end
app = Rack::Builder.new do
  use Page
  use LogCenter::Middleware unless ENV["PLAIN"]
  run shop
end
quiet = { Logger: WEBrick::Log.new(File::NULL), AccessLog: [] }
$stdout.sync = true
Rack::Handler::WEBrick.run(app.to_app, Host: "127.0.0.1", Port: 0, **quiet) do |server|
  puts "listening #{server.listeners.first.addr[1]}"
end
